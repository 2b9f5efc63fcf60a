// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage

/// The handlers of the resumable uploads' routes.
extension UploadRoutes {
    @Sendable
    static func begin(_ request: Request, context: RouteContext) async throws -> Response {
        let file = try context.path.file()
        try TusHeaders.check(request.headers)
        let size = try TusHeaders.length(request.headers)
        let isDraft = try request.isDraft
        let owner = try await context.authorize(.write, on: file.owner)
        let upload = UploadFile.Request(
            file: file,
            owner: owner,
            contract: context.contract(of: owner),
            creator: try context.account(),
            credential: context.caller.credential,
            announcedSize: size,
            expected: try ExpectedDigests(ofWhole: request.headers),
            isDraft: isDraft
        )
        let begun = try await context.services.resumableUploads.begin(upload, sizeInBytes: size)
        var response = Response(json: UploadRecord(begun), status: .created)
        response.headers.set(TusHeaders.of(begun))
        response.headers[.location] = context.services.publicURL.text + Endpoint.path(toUpload: begun.id.text)
        return response
    }

    @Sendable
    static func describe(_ request: Request, context: RouteContext) async throws -> Response {
        _ = try context.path.file()
        return Response(
            status: .noContent,
            headers: [
                .tusResumable: TusHeaders.version, .tusVersion: TusHeaders.version,
                .tusExtension: TusHeaders.extensions,
                .tusMaxSize: String(context.services.resumableUploads.largestFile),
            ]
        )
    }

    @Sendable
    static func show(_ request: Request, context: RouteContext) async throws -> Response {
        let (upload, _) = try await context.resumableUpload(request)
        var response = Response(json: UploadRecord(upload))
        response.headers.set(TusHeaders.of(upload))
        return response
    }

    @Sendable
    static func append(_ request: Request, context: RouteContext) async throws -> Response {
        let (upload, owner) = try await context.resumableUpload(request)
        guard request.headers[.contentType] == TusHeaders.pieceType else { throw ErrorResponse.wrongMediaType }
        let offset = try TusHeaders.offset(request.headers)
        let size = try TusHeaders.statedLength(request.headers)
        let outcome = try await context.append(request, at: offset, of: size, to: upload, of: owner)
        if case .elsewhere(let actual) = outcome { throw ErrorResponse.wrongOffset(actual: actual) }
        let after = try await context.services.resumableUploads.find(upload.id)
        return Response(status: .noContent, headers: TusHeaders.of(after))
    }

    @Sendable
    static func put(_ request: Request, context: RouteContext) async throws -> Response {
        let (upload, owner) = try await context.resumableUpload(request)
        try UploadHeaders.refuseForm(request.headers)
        let (offset, size) = try request.place(in: upload)
        guard let size else {
            throw RegistryError.invalid(
                "unknown file size: send Upload-Length, or Content-Range: bytes FIRST-LAST/SIZE"
            )
        }
        switch try await context.append(request, at: offset, of: size, to: upload, of: owner) {
        case .received(let offset):
            return Response(status: .noContent, headers: [.uploadOffset: String(offset)])
        case .complete(let outcome):
            var response =
                outcome.map { Response($0, of: upload.file) } ?? Response(status: .ok)
            if upload.isDraft { response.headers[.location] = nil }
            response.headers[.uploadOffset] = String(size)
            return response
        case .elsewhere(let actual): throw ErrorResponse.wrongOffset(actual: actual)
        }
    }

    @Sendable
    static func drop(_ request: Request, context: RouteContext) async throws -> Response {
        let (upload, _) = try await context.resumableUpload(request)
        try await context.services.resumableUploads.drop(upload)
        return Response(status: .noContent, headers: [.tusResumable: TusHeaders.version])
    }

    @Sendable
    static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let name = try context.path.owner()
        let page = try PageQuery(request)
        let owner = try await context.authorize(.write, on: name)
        let found = try await context.services.resumableUploads.list(
            of: owner,
            after: page.after.flatMap { UploadID($0) },
            limit: page.readLimit
        )
        let (shown, next) = page.page(of: found) { $0.id.text }
        return Response(
            json: UploadPage(
                shown,
                of: owner.name,
                next: next
            )
        )
    }
}
