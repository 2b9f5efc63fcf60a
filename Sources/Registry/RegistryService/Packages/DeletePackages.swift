// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Deletes what was published; the content goes with the next garbage collection.
package struct DeletePackages: Sendable {
    private let metadata: MetadataStore
    private let onDelete: @Sendable () -> Void

    /// `onDelete` is called when something is gone, before the caller hears of it.
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

    /// Deletes a file, and its version with the last file.
    package func file(_ file: FileCoordinate, owner: Owner) async throws {
        guard try await metadata.deleteFile(file, owner: owner.id) else {
            throw RegistryError.notFound("there is no file \(file): nothing was deleted")
        }
        onDelete()
    }
}
