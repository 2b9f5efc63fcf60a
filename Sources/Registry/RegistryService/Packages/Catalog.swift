// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
import RegistryStorage

/// Lists, finds and shows packages, versions and files.
///
/// Lists by name continue after a key; entries of versions, which name their publishers, come in numbered pages.
package struct Catalog: Sendable {
    private let packages: PackageStore
    private let search: SearchStore
    private let digests: CompleteDigests

    package init(metadata: Metadata, digests: CompleteDigests) {
        packages = metadata.packages
        search = metadata.search
        self.digests = digests
    }

    /// Returns an owner's packages in name order, starting after a name.
    package func packages(of owner: Owner, after name: String?, limit: Int) async throws -> [StoredPackage] {
        try await packages.packages(owner: owner.id, after: name, limit: limit)
    }

    /// Returns a package's versions in an order that also gives the start.
    package func versions(
        of package: PackageCoordinate,
        owner: Owner,
        in order: VersionOrder,
        limit: Int
    ) async throws -> (package: PackageName, versions: [StoredVersion]) {
        guard let found = try await packages.versions(package, owner: owner.id, in: order, limit: limit) else {
            throw Self.noPackage(package.package, of: owner)
        }
        return found
    }

    /// Returns a version with its files.
    package func version(
        _ version: VersionCoordinate,
        owner: Owner
    ) async throws -> (package: PackageName, version: StoredVersion, files: FilePages<StoredFile>) {
        guard let found = try await packages.versionWithFiles(version, owner: owner.id, limit: filesPerPage) else {
            throw Self.noVersion(version)
        }
        return (found.package, found.version, FilePages(found.files, of: found.version, packages))
    }

    /// Returns all four digests of a file; nil if its content cannot be read.
    package func digests(of file: StoredFile) async throws -> FileDigests? {
        do {
            return try await digests.digests(of: file.blob)
        } catch is BlobStoreError {
            return nil
        }
    }

    /// Returns the versions of an owner's packages whose names contain a text, most recently published first.
    package func entries(
        of owner: Owner,
        packagesMatching text: String,
        page: ListPage
    ) async throws -> Listing<VersionEntry> {
        try await search.versionEntries(owner: owner.id, packagesMatching: text, page: page)
    }

    /// Returns a package's versions, most recently published first.
    package func entries(
        of package: PackageCoordinate,
        owner: Owner,
        page: ListPage
    ) async throws -> Listing<VersionEntry> {
        guard let found = try await search.versionEntries(of: package, owner: owner.id, page: page) else {
            throw Self.noPackage(package.package, of: owner)
        }
        return found
    }

    /// Returns one version.
    package func entry(_ version: VersionCoordinate, owner: Owner) async throws -> VersionEntry {
        guard let found = try await search.versionEntry(version, owner: owner.id) else { throw Self.noVersion(version) }
        return found
    }

    /// Returns the latest version of a package.
    package func latestEntry(of package: PackageCoordinate, owner: Owner) async throws -> VersionEntry {
        guard let found = try await search.latestVersionEntry(of: package, owner: owner.id) else {
            throw Self.noPackage(package.package, of: owner)
        }
        return found
    }

    /// Finds packages of all owners that the search may see, in name order, starting after one that was found before.
    package func find(
        _ search: PackageSearch,
        after place: FoundPackage.Place?,
        limit: Int
    ) async throws -> [FoundPackage] {
        try await self.search.packages(search, after: place, limit: limit)
    }

    /// Finds the files with the given content in matching packages, first published first.
    package func find(
        sha256: Digest,
        _ search: PackageSearch,
        after id: Int64?,
        limit: Int
    ) async throws -> [FoundFile] {
        try await self.search.files(sha256: sha256, search, after: id, limit: limit)
    }

    private static func noPackage(_ package: PackageName, of owner: Owner) -> RegistryError {
        .notFound("owner \(owner.name) has no package \(package): check the name")
    }

    private static func noVersion(_ version: VersionCoordinate) -> RegistryError {
        .notFound("package \(version.owner)/\(version.package) has no version \(version.version): check the name")
    }
}
