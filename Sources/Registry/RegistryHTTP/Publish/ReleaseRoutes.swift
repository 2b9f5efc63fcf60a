// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// Drafts and their atomic publication.
enum ReleaseRoutes {
    enum Details {
        static let writers = "An access token also requires the scope `write:package`."
        fileprivate static let noRoom =
            "the disk is full, or the files exceed a quota of the owner or the registry"
    }

    @Sendable
    private static func drafts(_ request: Request, context: RouteContext) async throws -> Response {
        let name = try context.path.owner()
        let page = try PageQuery(request)
        let after = try page.number()
        let owner = try await context.authorize(.write, on: name)
        let found = try await context.services.releases.drafts(of: owner, after: after, limit: page.readLimit)
        let (shown, next) = page.page(of: found) { String($0.id) }
        return Response(
            json: DraftPage(
                shown,
                of: owner.name,
                next: next
            )
        )
    }

    @Sendable
    private static func draft(_ request: Request, context: RouteContext) async throws -> Response {
        let version = try context.path.version()
        let owner = try await context.authorize(.write, on: version.owner)
        let (draft, files) = try await context.services.releases.draft(of: version, owner: owner)
        return try await Response(json: DraftRecord(draft, owner: owner.name), listing: files) { DraftFileRecord($0) }
    }

    @Sendable
    private static func publish(_ request: Request, context: RouteContext) async throws -> Response {
        let version = try context.path.version()
        let owner = try await context.authorize(.write, on: version.owner)
        let release = Releases.Request(
            version: version,
            owner: owner,
            contract: context.contract(of: owner),
            creator: try context.account(),
            credential: context.caller.credential,
            files: try await context.body(PublishDraftRequest.self, of: request).digests()
        )
        let outcome = try await context.services.releases.publish(release)
        return try await context.version(version, of: owner, status: outcome == .published ? .created : .ok)
    }

    @Sendable
    private static func drop(_ request: Request, context: RouteContext) async throws -> Response {
        let version = try context.path.version()
        let owner = try await context.authorize(.write, on: version.owner)
        try await context.services.releases.drop(version, owner: owner)
        return Response(status: .noContent)
    }

    @Sendable
    private static func putFile(_ request: Request, context: RouteContext) async throws -> Response {
        let file = try context.path.file()
        var response = Response(try await context.upload(file, isDraft: true, request), of: file)
        // The file has no public URL until the draft is published.
        response.headers[.location] = nil
        return response
    }

    @Sendable
    private static func removeFile(_ request: Request, context: RouteContext) async throws -> Response {
        let file = try context.path.file()
        let owner = try await context.authorize(.write, on: file.owner)
        try await context.services.releases.remove(file, owner: owner)
        return Response(status: .noContent)
    }

    /// The routes of this area.
    static let routes = [
        Route(
            .get,
            .drafts,
            access: .account(.package),
            "Lists an owner's drafts, for callers with write access",
            details: "Oldest drafts come first. `next` is present if there are more entries. \(Details.writers)",
            query: PageQuery.parameters,
            answers: .record(DraftPage.self),
            .refusal(.forbidden, "the caller may read but not write, or the access token lacks the scope"),
            handle: drafts
        ),
        Route(
            .get,
            .release,
            access: .account(.package),
            "Shows the draft of a version, for callers with write access",
            details: Details.writers,
            answers: .record(DraftRecord.self),
            .refusal(.forbidden, "the caller may read but not write, or the access token lacks the scope"),
            handle: draft
        ),
        Route(
            .post,
            .release,
            access: .account(.package),
            "Publishes a draft: all its files become visible at once",
            details: """
                `files` maps each file name to its SHA-256. If it is present, the draft is published only if it has exactly these \
                files. If the version was already published with exactly these files, the response is 200, so a client can retry \
                when a response was lost. Under the current contract, the files are added to an existing version; identical files \
                stay unchanged.
                """,
            body: PublishDraftRequest.self,
            answers: .record(VersionRecord.self),
            .record(VersionRecord.self, status: .created),
            .refusal(
                .badRequest,
                "the request body is not JSON, or a name is not valid; documented contract: the version exists"
            ),
            .refusal(
                .conflict,
                "the draft differs from `files`; current contract: a file exists with different content"
            ),
            .refusal(.insufficientStorage, Details.noRoom),
            handle: publish
        ),
        Route(
            .delete,
            .release,
            access: .account(.package),
            "Deletes a draft with all its files",
            answers: .noContent,
            handle: drop
        ),
        Route(
            .put,
            .releaseFile,
            access: .account(.package),
            "Uploads a file to the draft of its version",
            details: """
                The first file creates the draft. A file can be sent again, also with different content, until the draft is published. \
                The rules for publishing a file apply here, too.
                """,
            headers: GenericPackageRoutes.Headers.upload,
            sends: .file,
            answers: RouteAnswer(.created, "the file is stored and durable, but not visible", headers: [.eTag]),
            .refusal(.badRequest, GenericPackageRoutes.Details.badUpload),
            .refusal(.requestTimeout, "the request body arrived more slowly than `limits.upload-rate`"),
            .refusal(
                .conflict,
                "current contract: the version has the file with different content; the message has both digests"
            ),
            .refusal(
                .preconditionFailed,
                "`If-None-Match: *` or `If-Match` fails for the published file"
            ),
            .refusal(.contentTooLarge, "the file exceeds `limits.file-size` or the owner's limit"),
            .refusal(.insufficientStorage, GenericPackageRoutes.Details.noRoom),
            handle: putFile
        ),
        Route(
            .delete,
            .releaseFile,
            access: .account(.package),
            "Removes a file from the draft of its version",
            details: "Deleting the last file deletes the draft.",
            answers: .noContent,
            handle: removeFile
        ),
    ]
}

extension PublishDraftRequest {
    /// Returns the expected digests by file name; nil if the request lists no files.
    fileprivate func digests() throws -> [FileName: Digest]? {
        try files.map { files in
            try Dictionary(
                uniqueKeysWithValues: files.map { name, text in
                    do {
                        return (try FileName(name), try Digest(.sha256, hex: text))
                    } catch {
                        throw InvalidField("files", "\(error)")
                    }
                }
            )
        }
    }
}
