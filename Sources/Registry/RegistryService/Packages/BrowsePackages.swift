// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
import RegistryStorage

/// Lists packages and versions, and returns a version with all digests of its files.
package struct BrowsePackages: Sendable {
    private let packages: PackageStore
    private let digests: CompleteDigests

    package init(metadata: Metadata, digests: CompleteDigests) {
        packages = metadata.packages
        self.digests = digests
    }

    /// Returns an owner's packages in name order, starting after a name.
    package func packages(of owner: Owner, after name: String?, limit: Int) async throws -> [StoredPackage] {
        try await packages.packages(owner: owner.id, after: name, limit: limit)
    }

    /// Returns a page of a package's versions.
    package func versions(
        of package: PackageCoordinate,
        owner: Owner,
        in order: VersionOrder,
        limit: Int
    ) async throws -> (package: PackageName, versions: [StoredVersion]) {
        guard let found = try await packages.versions(package, owner: owner.id, in: order, limit: limit) else {
            throw RegistryError.notFound("owner \(owner.name) has no package \(package.package): check the name")
        }
        return found
    }

    /// Returns a version with its files.
    package func version(
        _ version: VersionCoordinate,
        owner: Owner
    ) async throws -> (package: PackageName, version: StoredVersion, files: FilePages<StoredFile>) {
        guard let found = try await packages.versionWithFiles(version, owner: owner.id, limit: filesPerPage) else {
            throw RegistryError.notFound(
                "package \(version.owner)/\(version.package) has no version \(version.version): check the name"
            )
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
}
