// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The routes of the generic package contract: publish, download, delete.
package enum GenericPackageRoutes {
    @Sendable
    private static func upload(_ request: Request, context: RouteContext) async throws -> Response {
        let file = try context.path.file()
        return Response(try await context.upload(file, request), of: file)
    }

    @Sendable
    private static func download(_ request: Request, context: RouteContext) async throws -> any Reply {
        let file = try context.path.requestedFile()
        let moment = context.hotFiles.now
        let (owner, published, content) = try await context.authorizeDownload(of: file, for: request)
        guard let stored = published else {
            let checksums = try await context.services.downloadFile.checksums(for: file, owner: owner)
            return try await Response(checksums, sharing: owner.visibility)
        }
        let selection = BlobSelection(request, of: stored)
        guard selection.hasBody else { return try Response(selection, of: stored, sharing: owner.visibility) }
        if let redirect = context.redirect(to: stored, selection, request) { return redirect }
        let body = try await context.body(of: stored, selection, opened: content)
        let response = try Response(selection, of: stored, sharing: owner.visibility, body: body)
        context.keepHot(response, stored, target: request.target, since: moment)
        return DownloadReply(response: response, download: selection.countedAnswer(of: stored, request))
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

    /// The routes of this area.
    package static let routes = [
        Route(
            .put,
            .genericFile,
            access: .anyone(),
            "Publishes a file",
            details: Details.upload,
            headers: Headers.upload,
            sends: .file,
            answers: RouteAnswer(.created, "the file is published, durable and visible", headers: [.location, .eTag]),
            RouteAnswer(.ok, "current contract: the file already exists with identical content", headers: [.eTag]),
            .refusal(.badRequest, Details.badUpload),
            .refusal(
                .forbidden,
                "the caller may read but not write, or the access token lacks the scope; the message says which"
            ),
            .refusal(.requestTimeout, "the request body arrived more slowly than `limits.upload-rate`"),
            .refusal(
                .conflict,
                "current contract: the file exists with different content; the message has both digests"
            ),
            .refusal(.preconditionFailed, "`If-None-Match: *` or `If-Match` fails for the existing file"),
            .refusal(
                .contentTooLarge,
                "the file exceeds `limits.file-size` or the owner's limit; sent before the body is read if its length is announced"
            ),
            .refusal(.insufficientStorage, Details.noRoom),
            handle: upload
        ),
        Route(
            .get,
            .genericFile,
            access: .anyone(),
            "Downloads a file",
            details: Details.download,
            headers: Headers.download,
            answers: RouteAnswer(.ok, "the content", .some([.bytes, .text]), headers: Headers.content),
            RouteAnswer(
                .partialContent,
                "one range of the content, or several as `multipart/byteranges`",
                .some([.bytes, .byteRanges]),
                headers: [.contentRangeOfOne] + Headers.content
            ),
            RouteAnswer(.found, Details.redirect, headers: [.location, .eTag, .reprDigest, .digest, .checksum]),
            RouteAnswer(.notModified, "the client's copy is current (RFC 9110, section 13)", headers: [.eTag]),
            .refusal(.preconditionFailed, "`If-Match` or `If-Unmodified-Since` fails"),
            .refusal(.rangeNotSatisfiable, "the range is outside the file"),
            .refusal(.serviceUnavailable, "the content currently cannot be read, is missing or is damaged"),
            handle: download
        ),
        Route(
            .delete,
            .genericFile,
            access: .anyone(),
            "Deletes a file",
            details: "Deleting the last file deletes the version, and deleting the last version deletes the package. "
                + "The next garbage collection removes the content within a minute.",
            answers: .noContent,
            handle: deleteFile
        ),
        Route(
            .delete,
            .genericVersion,
            access: .anyone(),
            "Deletes a version with all its files",
            details: "The version can then be published again.",
            answers: .noContent,
            handle: deleteVersion
        ),
    ]
}
