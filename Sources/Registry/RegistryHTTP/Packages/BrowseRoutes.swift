// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The JSON routes of the command line: the caller's account, packages and versions.
package enum BrowseRoutes {
    @Sendable
    private static func account(_ request: Request, context: RouteContext) async throws -> Response {
        Response(json: AccountRecord(try context.account(), scopes: context.caller.scopes))
    }

    @Sendable
    private static func packages(_ request: Request, context: RouteContext) async throws -> Response {
        let name = try context.path.owner()
        let page = try PageQuery(request)
        let owner = try await context.authorize(.read, on: name)
        let found = try await context.services.catalog.packages(
            of: owner,
            after: page.after,
            limit: page.readLimit
        )
        let (shown, next) = page.page(of: found) { $0.name.folded }
        return Response(
            json: PackagePage(
                shown,
                of: owner,
                under: context.contract(of: owner),
                next: next
            )
        )
    }

    @Sendable
    private static func versions(_ request: Request, context: RouteContext) async throws -> Response {
        let package = try context.path.package()
        let page = try PageQuery(request)
        let sort = try VersionSort(request)
        let order = try sort.order(page)
        let owner = try await context.authorize(.read, on: package.owner)
        let found = try await context.services.catalog.versions(
            of: package,
            owner: owner,
            in: order,
            limit: page.readLimit
        )
        let (shown, next) = page.page(of: found.versions, key: sort.key)
        return Response(
            json: VersionPage(
                shown,
                of: found.package,
                owner: owner.name,
                next: next
            )
        )
    }

    @Sendable
    private static func version(_ request: Request, context: RouteContext) async throws -> Response {
        let version = try context.path.version()
        let owner = try await context.authorize(.read, on: version.owner)
        return try await context.version(version, of: owner)
    }

    /// The routes of this area.
    package static let routes = [
        Route(
            .get,
            .account,
            access: .account(),
            "Shows the account that the credentials belong to",
            details: "`scopes` lists the scopes of the access token. It is absent if the caller used a password.",
            answers: .record(AccountRecord.self),
            handle: account
        ),
        Route(
            .get,
            .packages,
            access: .anyone(),
            "Lists an owner's packages by name",
            details: """
                `next` is present if there are more entries. `contract` is the contract in force for the owner. `latest_version` is \
                the highest release by SemVer, else the highest pre-release, else the version published last.
                """,
            query: PageQuery.parameters,
            answers: .record(PackagePage.self),
            handle: packages
        ),
        Route(
            .get,
            .versions,
            access: .anyone(),
            "Lists a package's versions",
            details: """
                `next` is present if there are more entries. `creator` is absent if the account was deleted. In SemVer order \
                (highest first), a release comes before its pre-releases, and versions that are not valid SemVer come last. Among \
                versions of equal precedence, the most recently published comes first.
                """,
            query: [
                QueryParameter(
                    "sort",
                    .word(VersionSort.allCases.map(\.rawValue)),
                    "`published` (most recently published first; the default) or `semver` (highest first)"
                )
            ] + PageQuery.parameters,
            answers: .record(VersionPage.self),
            handle: versions
        ),
        Route(
            .get,
            .version,
            access: .anyone(),
            "Shows a version with its files",
            details: "`md5`, `sha1` and `sha512` of a file are absent if its content cannot be read.",
            answers: .record(VersionRecord.self),
            handle: version
        ),
    ]
}

extension RouteContext {
    /// Returns the record of a version with its files.
    func version(_ version: VersionCoordinate, of owner: Owner, status: HTTPResponse.Status = .ok) async throws
        -> Response
    {
        let catalog = services.catalog
        let found = try await catalog.version(version, owner: owner)
        let record = VersionRecord(found.version, of: found.package, owner: owner.name)
        return try await Response(json: record, status: status, listing: found.files) {
            FileRecord($0, digests: try await catalog.digests(of: $0))
        }
    }
}
