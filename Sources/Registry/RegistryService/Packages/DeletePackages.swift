// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Deletes packages, versions and files; the next garbage collection removes their content.
package struct DeletePackages: Sendable {
    private let packages: PackageStore

    package init(metadata: Metadata) {
        packages = metadata.packages
    }

    /// Deletes a package with all its versions.
    package func package(_ package: PackageCoordinate, owner: Owner) async throws {
        guard try await packages.deletePackage(package, owner: owner.id) else {
            throw RegistryError.notFound(
                "owner \(package.owner) has no package \(package.package): nothing was deleted"
            )
        }
    }

    /// Deletes a version with all its files.
    package func version(_ version: VersionCoordinate, owner: Owner) async throws {
        guard try await packages.deleteVersion(version, owner: owner.id) else {
            throw RegistryError.notFound(
                "package \(version.owner)/\(version.package) has no version \(version.version): nothing was deleted"
            )
        }
    }

    /// Deletes a file; deleting the last file also deletes the version.
    package func file(_ file: FileCoordinate, owner: Owner) async throws {
        guard try await packages.deleteFile(file, owner: owner.id) else {
            throw RegistryError.notFound("there is no file \(file): nothing was deleted")
        }
    }
}
