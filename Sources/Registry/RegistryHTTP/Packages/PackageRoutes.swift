// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// Packages in Gitea's format: one entry per version.
enum PackageRoutes {
    /// The only package type.
    private static let type = "generic"

    @Sendable
    private static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let query = request.query
        let owner = try await context.services.authorize.packages(of: context.path.owner(), .read, by: context.caller)
        let type = query["type"] ?? ""
        // Gitea accepts `all` as a package type only in lists.
        guard ["", "all", Self.type].contains(type) else {
            return context.response(Listing<VersionEntry>(rows: [], total: 0), page, request) { _ in [String]() }
        }
        let found = try await context.services.catalog.entries(
            of: owner.owner,
            packagesMatching: request.searched,
            page: page.rows
        )
        return context.response(found, page, request) { $0.map { context.view.package($0, owner: owner.profile) } }
    }

    @Sendable
    private static func versions(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let (package, owner) = try await package(.read, context)
        let found = try await context.services.catalog.entries(of: package, owner: owner.owner, page: page.rows)
        return context.response(found, page, request) { $0.map { context.view.package($0, owner: owner.profile) } }
    }

    @Sendable
    private static func latest(_ request: Request, context: RouteContext) async throws -> Response {
        let (package, owner) = try await package(.read, context)
        let found = try await context.services.catalog.latestEntry(of: package, owner: owner.owner)
        return Response(context.view.package(found, owner: owner.profile))
    }

    @Sendable
    private static func deletePackage(_ request: Request, context: RouteContext) async throws -> Response {
        let (package, owner) = try await package(.write, context)
        try await context.services.deletePackages.package(package, owner: owner.owner)
        return Response(status: .noContent)
    }

    @Sendable
    private static func version(_ request: Request, context: RouteContext) async throws -> Response {
        let (version, owner) = try await version(.read, context)
        let found = try await context.services.catalog.entry(version, owner: owner.owner)
        return Response(context.view.package(found, owner: owner.profile))
    }

    @Sendable
    private static func deleteVersion(_ request: Request, context: RouteContext) async throws -> Response {
        let (version, owner) = try await version(.write, context)
        try await context.services.deletePackages.version(version, owner: owner.owner)
        return Response(status: .noContent)
    }

    @Sendable
    private static func files(_ request: Request, context: RouteContext) async throws -> Response {
        let (version, owner) = try await version(.read, context)
        let catalog = context.services.catalog
        let found = try await catalog.version(version, owner: owner.owner)
        let none: [GiteaPackageFile] = []
        var response = Response(none)
        response.body = try await ResponseBody(none.json.document, listing: found.files) {
            GiteaPackageFile($0, try await catalog.digests(of: $0))
        }
        return response
    }

    /// Authorizes the caller, and returns the package of the path and its owner.
    private static func package(
        _ needed: Permission,
        _ context: RouteContext
    ) async throws -> (package: PackageCoordinate, owner: SeenOwner) {
        let owner = try await context.services.authorize.packages(of: context.path.owner(), needed, by: context.caller)
        try checkType(context)
        return (PackageCoordinate(owner: owner.owner.name, package: try PackageName(context.path.decoded(2))), owner)
    }

    /// Authorizes the caller, and returns the version of the path and its owner.
    private static func version(
        _ needed: Permission,
        _ context: RouteContext
    ) async throws -> (version: VersionCoordinate, owner: SeenOwner) {
        let (package, owner) = try await package(needed, context)
        let version = try PackageVersion(context.path.decoded(3))
        return (VersionCoordinate(owner: package.owner, package: package.package, version: version), owner)
    }

    private static func checkType(_ context: RouteContext) throws {
        let type = try context.path.decoded(1)
        guard type == Self.type else {
            throw RegistryError.notFound("unknown package type \(type.quoted()): use \(Self.type)")
        }
    }

    static let routes = [
        Route(
            .get,
            .giteaPackages,
            access: .account(.package),
            "Lists the versions of an owner's packages, most recently published first",
            query: [
                QueryParameter("type", .text, "The package type; the only type is `generic`"),
                QueryParameter("q", .text, "Part of a package's name"),
            ] + GiteaPage.parameters,
            answers: .page([GiteaPackage].self),
            handle: list
        ),
        Route(
            .get,
            .giteaPackage,
            access: .account(.package),
            "Lists the versions of a package, most recently published first",
            query: GiteaPage.parameters,
            answers: .page([GiteaPackage].self),
            handle: versions
        ),
        Route(
            .delete,
            .giteaPackage,
            access: .account(.package),
            "Deletes a package with all its versions",
            answers: .noContent,
            handle: deletePackage
        ),
        Route(
            .get,
            .giteaLatestVersion,
            access: .account(.package),
            "Shows the highest release by SemVer, else the highest pre-release, else the version published last",
            answers: .record(GiteaPackage.self),
            handle: latest
        ),
        Route(
            .get,
            .giteaPackageVersion,
            access: .account(.package),
            "Shows a version",
            answers: .record(GiteaPackage.self),
            handle: version
        ),
        Route(
            .delete,
            .giteaPackageVersion,
            access: .account(.package),
            "Deletes a version with all its files",
            answers: .noContent,
            handle: deleteVersion
        ),
        Route(
            .get,
            .giteaPackageFiles,
            access: .account(.package),
            "Lists the files of a version",
            answers: .record([GiteaPackageFile].self),
            handle: files
        ),
    ]
}
