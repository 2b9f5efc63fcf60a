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
        Route(.put, .genericFile, handle: upload),
        Route(.get, .genericFile, handle: download),
        Route(.head, .genericFile, handle: download),
        Route(.delete, .genericFile, handle: deleteFile),
        Route(.delete, .genericVersion, handle: deleteVersion),
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
        let owner = try await context.authorize(.read, on: file.owner)
        switch try await context.services.downloadFile.find(file, owner: owner) {
        case .checksums(let checksums): return Response(checksums, sharing: owner.visibility)
        case .published(let stored):
            let selection = BlobSelection(request, of: stored)
            guard selection.hasBody else { return Response(selection, of: stored, sharing: owner.visibility) }
            let body = try await context.body(of: stored, selection)
            let response = Response(selection, of: stored, sharing: owner.visibility, body: body)
            try await context.keepHot(response, stored, body.content, path: request.head.path, since: moment)
            return response
        }
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
