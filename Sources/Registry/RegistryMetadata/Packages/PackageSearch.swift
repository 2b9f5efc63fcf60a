// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// What is looked for among the packages of all owners; each part narrows.
package struct PackageSearch: Hashable, Sendable {
    package let owner: OwnerName?
    package let name: PackageName?
    /// A part of the package's name, in any letter case; empty for all names.
    package let text: String
    /// Nobody is told of packages of other owners than these.
    package let users: VisibleOwners
    package let organizations: VisibleOwners

    package init(owner: OwnerName?, name: PackageName?, text: String, seenBy actor: Actor) {
        self.owner = owner
        self.name = name
        self.text = text
        users = .users(seenBy: actor)
        organizations = .organizations(seenBy: actor)
    }
}

/// A package that was found, with its owner and its place in the order of what is found.
package struct FoundPackage: Hashable, Sendable {
    /// The folded name and the number, by which a search goes on.
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

    package var place: Place { Place(name: package.name.folded, id: id) }

    /// Reads the columns of the package as it is listed, then `id, owner`.
    init(row: SQLRow) throws {
        package = try StoredPackage(row: row)
        id = try row.integer(4)
        owner = try OwnerName(try row.text(5))
    }
}

/// A file that was found by its content.
package struct FoundFile: Hashable, Sendable {
    package let id: Int64
    package let coordinate: FileCoordinate
    package let sizeInBytes: Int64
    package let createdAt: Timestamp

    /// Reads the columns `id, owner, package, version, file, size, created_at`.
    init(row: SQLRow) throws {
        id = try row.integer(0)
        coordinate = FileCoordinate(
            owner: try OwnerName(try row.text(1)),
            package: try PackageName(try row.text(2)),
            version: try PackageVersion(try row.text(3)),
            file: try FileName(try row.text(4))
        )
        sizeInBytes = try row.integer(5)
        createdAt = try row.time(6)
    }
}
