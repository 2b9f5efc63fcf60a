// SPDX-License-Identifier: Apache-2.0

/// A search among the packages of all owners; each part narrows it.
package struct PackageSearch: Hashable, Sendable {
    package let owner: OwnerName?
    package let name: PackageName?
    /// A part of the package's name, in any letter case; empty for all names.
    package let text: String
    /// The users whose packages may be found.
    package let users: VisibleOwners
    /// The organizations whose packages may be found.
    package let organizations: VisibleOwners

    package init(owner: OwnerName?, name: PackageName?, text: String, seenBy caller: Caller) {
        self.owner = owner
        self.name = name
        self.text = text
        users = .users(seenBy: caller)
        organizations = .organizations(seenBy: caller)
    }
}

/// A package that a search found, with its place in the order of results.
package struct FoundPackage: Hashable, Sendable {
    /// The folded name and the number, after which a search continues.
    package struct Place: Hashable, Sendable {
        package let name: String
        package let id: Int64

        package init(name: String, id: Int64) {
            self.name = name
            self.id = id
        }
    }

    package let id: Int64
    package let owner: OwnerName
    package let package: StoredPackage

    package init(id: Int64, owner: OwnerName, package: StoredPackage) {
        self.id = id
        self.owner = owner
        self.package = package
    }

    package var place: Place { Place(name: package.name.folded, id: id) }
}

/// A file that a search found by its content.
package struct FoundFile: Hashable, Sendable {
    package let id: Int64
    package let coordinate: FileCoordinate
    package let sizeInBytes: Int64
    package let createdAt: Timestamp

    package init(id: Int64, coordinate: FileCoordinate, sizeInBytes: Int64, createdAt: Timestamp) {
        self.id = id
        self.coordinate = coordinate
        self.sizeInBytes = sizeInBytes
        self.createdAt = createdAt
    }
}

/// A version in a list, with the account that published it.
package struct VersionEntry: Hashable, Sendable {
    package let id: Int64
    package let package: PackageName
    package let version: PackageVersion
    package let createdAt: Timestamp
    /// Nil if the account was deleted.
    package let creator: OwnerProfile?

    package init(
        id: Int64,
        package: PackageName,
        version: PackageVersion,
        createdAt: Timestamp,
        creator: OwnerProfile?
    ) {
        self.id = id
        self.package = package
        self.version = version
        self.createdAt = createdAt
        self.creator = creator
    }
}
