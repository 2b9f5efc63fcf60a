// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Lists versions with their publishers, in numbered pages.
package struct ListVersions: Sendable {
    private let search: SearchStore

    package init(metadata: Metadata) {
        search = metadata.search
    }

    /// Returns all versions of an owner's packages whose names contain a text, most recently published first.
    package func all(
        of owner: Owner,
        packagesMatching text: String,
        page: ListPage
    ) async throws -> Listing<VersionEntry> {
        try await search.versionEntries(owner: owner.id, packagesMatching: text, page: page)
    }

    /// Returns a package's versions, most recently published first.
    package func versions(
        of package: PackageCoordinate,
        owner: Owner,
        page: ListPage
    ) async throws -> Listing<VersionEntry> {
        guard let found = try await search.versionEntries(of: package, owner: owner.id, page: page) else {
            throw Self.noPackage(package)
        }
        return found
    }

    /// Returns one version.
    package func version(_ version: VersionCoordinate, owner: Owner) async throws -> VersionEntry {
        guard let found = try await search.versionEntry(version, owner: owner.id) else {
            throw RegistryError.notFound(
                "package \(version.owner)/\(version.package) has no version \(version.version): check the name"
            )
        }
        return found
    }

    /// Returns the latest version of a package.
    package func latest(of package: PackageCoordinate, owner: Owner) async throws -> VersionEntry {
        guard let found = try await search.latestVersionEntry(of: package, owner: owner.id) else {
            throw Self.noPackage(package)
        }
        return found
    }

    private static func noPackage(_ package: PackageCoordinate) -> RegistryError {
        .notFound("owner \(package.owner) has no package \(package.package): check the name")
    }
}
