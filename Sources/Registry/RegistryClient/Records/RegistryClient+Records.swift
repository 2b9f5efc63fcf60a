// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
package import RegistryAPI
package import RegistryCore

extension RegistryClient {
    /// The account that the token stands for.
    package func account() async throws -> AccountRecord {
        try await document(at: Endpoint.account.template)
    }

    /// One page of an owner's packages, with the contract in force for the owner.
    package func packages(of owner: OwnerName, page: PageRequest = PageRequest()) async throws -> PackagePage {
        try await document(at: Endpoint.path(toPackagesOf: owner) + "?" + page.query)
    }

    /// One page of a package's versions.
    package func versions(
        of package: PackageCoordinate,
        in order: VersionSort = .published,
        page: PageRequest = PageRequest()
    ) async throws -> VersionPage {
        try await document(at: Endpoint.path(toVersionsOf: package) + "?sort=\(order.rawValue)&" + page.query)
    }

    /// All packages of an owner, read page by page.
    package func allPackages(of owner: OwnerName) async throws -> PackagePage {
        var page = try await packages(of: owner)
        var found = page.packages
        var walk = PageWalk()
        while let next = page.next {
            try walk.follow(next)
            page = try await packages(of: owner, page: PageRequest(after: next))
            found += page.packages
        }
        return PackagePage(owner: page.owner, contract: page.contract, packages: found, next: nil)
    }

    /// All versions of a package, read page by page.
    package func allVersions(of package: PackageCoordinate, in order: VersionSort = .published) async throws
        -> VersionPage
    {
        var page = try await versions(of: package, in: order)
        var found = page.versions
        var walk = PageWalk()
        while let next = page.next {
            try walk.follow(next)
            page = try await versions(of: package, in: order, page: PageRequest(after: next))
            found += page.versions
        }
        return VersionPage(owner: page.owner, name: page.name, versions: found, next: nil)
    }

    /// All that a search finds, read page by page.
    package func allFound(_ search: SearchRequest) async throws -> SearchPage {
        func found(_ page: PageRequest) async throws -> SearchPage {
            try await document(at: Endpoint.search.template + "?" + search.query(page))
        }
        var page = try await found(PageRequest())
        var (packages, files) = (page.packages, page.files)
        var walk = PageWalk()
        while let next = page.next {
            try walk.follow(next)
            page = try await found(PageRequest(after: next))
            packages += page.packages
            files += page.files
        }
        return SearchPage(packages: packages, files: files, next: nil)
    }

    /// A version with the sizes and digests of its files.
    package func version(_ version: VersionCoordinate) async throws -> VersionRecord {
        try await document(at: Endpoint.path(toRecordOf: version))
    }

    /// The rules that the owner publishes by.
    package func contract(of owner: OwnerName) async throws -> PublishContract {
        let page = try await packages(of: owner, page: PageRequest(limit: 1))
        guard let name = PublishContract.Name(rawValue: page.contract) else {
            throw ClientError(
                .refused,
                "the registry publishes by the rules \(page.contract.quoted()), which this granary does not know;"
                    + " install the granary of the registry's version"
            )
        }
        return PublishContract(name)
    }

    /// Deletes a version with all its files.
    package func delete(_ version: VersionCoordinate) async throws {
        try await delete(at: Endpoint.path(to: version))
    }

    /// Deletes one file; a version goes with its last file.
    package func delete(_ file: FileCoordinate) async throws {
        try await delete(at: Endpoint.path(to: file))
    }

    /// A 404 after a lost answer means that the attempt before has done it.
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
