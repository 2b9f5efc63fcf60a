// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The search across all owners, which reveals neither hidden packages nor that any were omitted.
enum SearchRoutes {
    @Sendable
    private static func search(_ request: Request, context: RouteContext) async throws -> Response {
        let query = request.query
        let search = PackageSearch(
            owner: try query["owner"].map { try OwnerName($0) },
            name: try query["name"].map { try PackageName($0) },
            text: request.searched,
            seenBy: context.caller
        )
        let page = try PageQuery(request)
        guard let content = query["sha256"] else { return try await packages(search, page, context) }
        return try await files(try sha256(content), search, page, context)
    }

    private static func sha256(_ text: String) throws -> Digest {
        do {
            return try Digest(.sha256, hex: text)
        } catch {
            throw RegistryError.invalid("invalid query parameter: \(error)")
        }
    }

    private static func packages(
        _ search: PackageSearch,
        _ page: PageQuery,
        _ context: RouteContext
    ) async throws -> Response {
        let place = try page.numberedText().map { FoundPackage.Place(name: $0.text, id: $0.number) }
        let found = try await context.services.catalog.find(search, after: place, limit: page.readLimit)
        let (shown, next) = page.page(of: found) { PageQuery.key($0.place.id, $0.place.name) }
        return Response(
            json: SearchPage(shown, next: next)
        )
    }

    private static func files(
        _ sha256: Digest,
        _ search: PackageSearch,
        _ page: PageQuery,
        _ context: RouteContext
    ) async throws -> Response {
        let found = try await context.services.catalog.find(
            sha256: sha256,
            search,
            after: try page.number(),
            limit: page.readLimit
        )
        let (shown, next) = page.page(of: found) { String($0.id) }
        return Response(json: SearchPage(shown, next: next))
    }

    static let routes = [
        Route(
            .get,
            .search,
            access: .anyone(.package),
            "Finds packages by name, or files by content, among those visible to the caller",
            details: """
                Packages that the caller may not see are silently omitted. The response has `packages`, ordered by name, or, with \
                `sha256`, `files`, oldest first; the other list is empty. `next` is present if there are more entries.
                """,
            query: [
                QueryParameter("owner", .text, "The name of an owner"),
                QueryParameter("name", .text, "The name of a package, case-insensitive"),
                QueryParameter(
                    "q",
                    .text,
                    "Part of a package's name, case-insensitive; `%`, `_` and `\\` have no special meaning",
                    example: "ell"
                ),
                QueryParameter("sha256", .text, "The SHA-256 of a file's content, 64 hexadecimal digits"),
            ] + PageQuery.parameters,
            answers: .record(SearchPage.self),
            .refusal(.badRequest, "a query parameter is not valid"),
            .refusal(.forbidden, "the access token lacks the scope"),
            handle: search
        )
    ]
}
