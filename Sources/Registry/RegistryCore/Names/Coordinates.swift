// SPDX-License-Identifier: Apache-2.0

/// Where a package is: its owner and its name.
package struct PackageCoordinate: Hashable, Sendable, CustomStringConvertible {
    package let owner: OwnerName
    package let package: PackageName

    /// Names a package of an owner.
    package init(owner: OwnerName, package: PackageName) {
        self.owner = owner
        self.package = package
    }

    /// The coordinate as `owner/name`.
    package var description: String { "\(owner)/\(package)" }
}

/// Where a version is: its package and its version text.
package struct VersionCoordinate: Hashable, Sendable, CustomStringConvertible {
    package let owner: OwnerName
    package let package: PackageName
    package let version: PackageVersion

    /// Names a version of a package.
    package init(owner: OwnerName, package: PackageName, version: PackageVersion) {
        self.owner = owner
        self.package = package
        self.version = version
    }

    /// The package this version belongs to.
    package var packageCoordinate: PackageCoordinate { PackageCoordinate(owner: owner, package: package) }

    /// The coordinate as `owner/name@version`.
    package var description: String { "\(packageCoordinate)@\(version)" }
}

/// Where a file is: its version and its file name.
package struct FileCoordinate: Hashable, Sendable, CustomStringConvertible {
    package let owner: OwnerName
    package let package: PackageName
    package let version: PackageVersion
    package let file: FileName

    /// Names a file of a version.
    package init(owner: OwnerName, package: PackageName, version: PackageVersion, file: FileName) {
        self.owner = owner
        self.package = package
        self.version = version
        self.file = file
    }

    /// The version this file belongs to.
    package var versionCoordinate: VersionCoordinate {
        VersionCoordinate(owner: owner, package: package, version: version)
    }

    /// The package this file belongs to.
    package var packageCoordinate: PackageCoordinate { PackageCoordinate(owner: owner, package: package) }

    /// The coordinate as `owner/name@version/file`.
    package var description: String { "\(versionCoordinate)/\(file)" }
}
