// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import RegistryAPI
import RegistryCore
import RegistryMetadata
import RegistryService

/// The routes of the contract: publish, download, delete.
package enum GenericPackageRoutes {
    /// The table of this area.
    package static let routes = [
        Route(
            .put,
            .genericFile,
            access: .anyone(),
            "Publishes a file",
            answers: RouteAnswer(status: .created, content: .nothing),
            RouteAnswer(status: .ok, content: .nothing),
            handle: upload
        ),
        Route(.get, .genericFile, access: .anyone(), "Downloads a file", answers: .bytes, handle: download),
        Route(.delete, .genericFile, access: .anyone(), "Deletes a file", answers: .noContent, handle: deleteFile),
        Route(
            .delete,
            .genericVersion,
            access: .anyone(),
            "Deletes a version with all its files",
            answers: .noContent,
            handle: deleteVersion
        ),
    ]

    @Sendable
    private static func upload(_ request: Request, context: RouteContext) async throws -> Response {
        let file = try context.path.file()
        let headers = try UploadHeaders(request.headers)
        let owner = try await context.authorize(.write, on: file.owner)
        let upload = UploadFile.Request(
            file: file,
            owner: owner,
            contract: context.contract(of: owner),
            creator: try context.account(),
            announcedSize: headers.announcedSize,
            expected: headers.expected,
            preconditions: request.headers.preconditions
        )
        let body = BodyGate(request, channel: context.channel)
        return Response(try await context.services.uploadFile(upload, from: body), of: file)
    }

    @Sendable
    private static func download(_ request: Request, context: RouteContext) async throws -> Response {
        let file = try context.path.file()
        let moment = context.hotFiles.now
        let (owner, published) = try await context.authorizeDownload(of: file)
        guard let stored = published else {
            let checksums = try await context.services.downloadFile.checksums(for: file, owner: owner)
            return Response(checksums, sharing: owner.visibility)
        }
        let selection = BlobSelection(request, of: stored)
        guard selection.hasBody else { return Response(selection, of: stored, sharing: owner.visibility) }
        if let redirect = context.redirect(to: stored, selection, request) { return redirect }
        let body = try await context.body(of: stored, selection)
        let response = Response(selection, of: stored, sharing: owner.visibility, body: body)
        try await context.keepHot(response, stored, body.content, path: request.head.path, since: moment)
        return response
    }

    @Sendable
    private static func deleteFile(_ request: Request, context: RouteContext) async throws -> Response {
        let file = try context.path.file()
        let owner = try await context.authorize(.write, on: file.owner)
        try await context.services.deletePackages.file(file, owner: owner)
        return Response(status: .noContent)
    }

    @Sendable
    private static func deleteVersion(_ request: Request, context: RouteContext) async throws -> Response {
        let version = try context.path.version()
        let owner = try await context.authorize(.write, on: version.owner)
        try await context.services.deletePackages.version(version, owner: owner)
        return Response(status: .noContent)
    }
}
