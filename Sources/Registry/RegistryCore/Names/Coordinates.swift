// SPDX-License-Identifier: Apache-2.0

/// The owner and name of a package.
package struct PackageCoordinate: Hashable, Sendable, CustomStringConvertible {
    package let owner: OwnerName
    package let package: PackageName

    /// Creates the coordinate of a package.
    package init(owner: OwnerName, package: PackageName) {
        self.owner = owner
        self.package = package
    }

    /// The coordinate as `owner/name`.
    package var description: String { "\(owner)/\(package)" }
}

/// The package and version text of a version.
package struct VersionCoordinate: Hashable, Sendable, CustomStringConvertible {
    package let owner: OwnerName
    package let package: PackageName
    package let version: PackageVersion

    /// Creates the coordinate of a version.
    package init(owner: OwnerName, package: PackageName, version: PackageVersion) {
        self.owner = owner
        self.package = package
        self.version = version
    }

    /// The package of the version.
    package var packageCoordinate: PackageCoordinate { PackageCoordinate(owner: owner, package: package) }

    /// The coordinate as `owner/name@version`.
    package var description: String { "\(packageCoordinate)@\(version)" }
}

/// The version and file name of a file.
package struct FileCoordinate: Hashable, Sendable, CustomStringConvertible {
    package let owner: OwnerName
    package let package: PackageName
    package let version: PackageVersion
    package let file: FileName

    /// Creates the coordinate of a file.
    package init(owner: OwnerName, package: PackageName, version: PackageVersion, file: FileName) {
        self.owner = owner
        self.package = package
        self.version = version
        self.file = file
    }

    /// The version of the file.
    package var versionCoordinate: VersionCoordinate {
        VersionCoordinate(owner: owner, package: package, version: version)
    }

    /// The package of the file.
    package var packageCoordinate: PackageCoordinate { PackageCoordinate(owner: owner, package: package) }

    /// The coordinate as `owner/name@version/file`.
    package var description: String { "\(versionCoordinate)/\(file)" }
}
