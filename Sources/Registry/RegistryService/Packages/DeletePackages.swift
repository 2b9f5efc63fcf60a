// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Deletes packages, versions and files; the next garbage collection removes their content.
package struct DeletePackages: Sendable {
    private let metadata: MetadataStore
    private let onDelete: @Sendable () -> Void

    /// Creates the use case; `onDelete` is called after a deletion, before the method returns.
    package init(metadata: MetadataStore, onDelete: @escaping @Sendable () -> Void) {
        self.metadata = metadata
        self.onDelete = onDelete
    }

    /// Deletes a package with all its versions.
    package func package(_ package: PackageCoordinate, owner: Owner) async throws {
        guard try await metadata.deletePackage(package, owner: owner.id) else {
            throw RegistryError.notFound(
                "owner \(package.owner) has no package \(package.package): nothing was deleted"
            )
        }
        onDelete()
    }

    /// Deletes a version with all its files.
    package func version(_ version: VersionCoordinate, owner: Owner) async throws {
        guard try await metadata.deleteVersion(version, owner: owner.id) else {
            throw RegistryError.notFound(
                "package \(version.owner)/\(version.package) has no version \(version.version): nothing was deleted"
            )
        }
        onDelete()
    }

    /// Deletes a file; deleting the last file also deletes the version.
    package func file(_ file: FileCoordinate, owner: Owner) async throws {
        guard try await metadata.deleteFile(file, owner: owner.id) else {
            throw RegistryError.notFound("there is no file \(file): nothing was deleted")
        }
        onDelete()
    }
}
