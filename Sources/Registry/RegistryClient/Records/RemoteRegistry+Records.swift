// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
package import RegistryAPI
package import RegistryCore

extension RemoteRegistry {
    /// Gets the account of the access token.
    package func account() async throws -> AccountRecord {
        try await document(at: Endpoint.account.template)
    }

    /// Gets one page of an owner's packages, with the owner's effective contract.
    package func packages(of owner: OwnerName, page: PageRequest = PageRequest()) async throws -> PackagePage {
        try await document(at: Endpoint.path(toPackagesOf: owner) + "?" + page.query)
    }

    /// Gets all packages of an owner, page by page.
    package func allPackages(of owner: OwnerName) async throws -> PackagePage {
        let pages: [PackagePage] = try await all(\.next) { Endpoint.path(toPackagesOf: owner) + "?" + $0.query }
        var whole = pages[pages.count - 1]
        whole.packages = pages.flatMap(\.packages)
        whole.next = nil
        return whole
    }

    /// Gets all versions of a package, page by page.
    package func allVersions(of package: PackageCoordinate, in order: VersionSort = .published) async throws
        -> VersionPage
    {
        let pages: [VersionPage] = try await all(\.next) {
            Endpoint.path(toVersionsOf: package) + "?sort=\(order.rawValue)&" + $0.query
        }
        var whole = pages[pages.count - 1]
        whole.versions = pages.flatMap(\.versions)
        whole.next = nil
        return whole
    }

    /// Gets all results of a search, page by page.
    package func allFound(_ search: SearchRequest) async throws -> SearchPage {
        let pages: [SearchPage] = try await all(\.next) { Endpoint.search.template + "?" + search.query($0) }
        var whole = pages[pages.count - 1]
        whole.packages = pages.flatMap(\.packages)
        whole.files = pages.flatMap(\.files)
        whole.next = nil
        return whole
    }

    /// Gets all pages of a list, at least one.
    private func all<Page: Decodable & Sendable>(
        _ next: (Page) -> String?,
        at path: (PageRequest) -> String
    ) async throws -> [Page] {
        var pages: [Page] = []
        var walk = PageWalk()
        var request = PageRequest()
        while true {
            let asked = path(request)
            let (page, size): (Page, Int) = try await retrying { _ in try await documentAndSize(at: asked) }
            pages.append(page)
            guard let key = next(page) else { return pages }
            try walk.follow(key, after: size)
            request = PageRequest(after: key)
        }
    }

    /// Gets a version with the sizes and digests of its files.
    package func version(_ version: VersionCoordinate) async throws -> VersionRecord {
        try await document(at: Endpoint.path(toRecordOf: version))
    }

    /// Gets the publish contract of an owner.
    package func contract(of owner: OwnerName) async throws -> PublishContract {
        let page = try await packages(of: owner, page: PageRequest(limit: 1))
        guard let name = PublishContract.Name(rawValue: page.contract) else {
            throw ClientError(
                .refused,
                "unknown publish contract \(page.contract.quoted()) of the registry;"
                    + " install the granary version of the registry"
            )
        }
        return PublishContract(name)
    }

    /// Deletes a version with all its files.
    package func delete(_ version: VersionCoordinate) async throws {
        try await delete(at: Endpoint.path(to: version))
    }

    /// Deletes one file; the last file removes the version.
    package func delete(_ file: FileCoordinate) async throws {
        try await delete(at: Endpoint.path(to: file))
    }

    /// Deletes a resource; a 404 after a lost response means that the previous attempt succeeded.
    func delete(at path: String) async throws {
        try await retrying { attempt in
            do {
                let headers = [("Accept", "application/json")]
                _ = try await send(.delete, path, headers: headers, accepting: [200, 202, 204])
            } catch let error as ClientError where error.code == .notFound && attempt > 1 {
                return
            }
        }
    }
}
