// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Finds owners and decides what a caller may do with them and their packages; every request gets its owner from here.
package struct Authorize: Sendable {
    let accounts: AccountStore
    let organizations: OrganizationStore
    private let packages: PackageStore

    package init(metadata: Metadata) {
        accounts = metadata.accounts
        organizations = metadata.organizations
        packages = metadata.packages
    }

    /// Returns the owner of a name if the caller has a permission on its packages.
    ///
    /// An owner that the caller may not know of is refused like one that does not exist. A former name throws `OwnerMoved`.
    package func callAsFunction(_ needed: Permission, on name: OwnerName, by caller: Caller) async throws -> Owner {
        let found = try await accounts.owner(name, seenBy: caller.account)
        return try Self.decide(needed, on: name, by: caller, found?.owner, found?.access)
    }

    /// Does the same for a download, and finds the file in the same statement; `open` runs there if the caller may read it.
    package func download<Content: Sendable>(
        of file: FileCoordinate,
        by caller: Caller,
        opening open: @escaping @Sendable (StoredFile) -> Content?
    ) async throws -> (owner: Owner, file: StoredFile?, content: Content?) {
        let found = try await packages.download(file, seenBy: caller.account) { access, stored in
            guard case .allowed = AccessPolicy.decision(for: .read, by: caller, on: access) else {
                return Content?.none
            }
            return open(stored)
        }
        // Without a second look-up: a missing owner must take no longer than a hidden one.
        guard let found else { return (try Self.decide(.read, on: file.owner, by: caller, nil, nil), nil, nil) }
        let owner = try Self.decide(.read, on: file.owner, by: caller, found.owner, found.access)
        return (owner, found.file, found.content)
    }

    private static func decide(
        _ needed: Permission,
        on name: OwnerName,
        by caller: Caller,
        _ owner: Owner?,
        _ access: OwnerAccess?
    ) throws -> Owner {
        switch AccessPolicy.decision(for: needed, by: caller, on: access) {
        case .allowed:
            guard let owner else { throw RegistryError.noOwner(name) }
            guard owner.name.folded == name.folded else { throw OwnerMoved(name: owner.name) }
            return owner
        case .unauthenticated:
            throw RegistryError.unauthenticated(
                "sign in to \(needed == .write ? "change" : "use") the packages of \(name): send a user name and "
                    + "password, or an access token"
            )
        case .notFound: throw RegistryError.noOwner(name)
        case .forbidden(let reason): throw RegistryError.forbidden(reason.description)
        }
    }
}

extension RegistryError {
    /// Returns the error for an owner that does not exist or that the caller may not know of.
    package static func noOwner(_ name: OwnerName) -> RegistryError {
        .notFound("the owner \(name) does not exist or is not visible to you: check the name and your permissions")
    }
}

/// The owner that a request names has another name now, and the caller may know that.
package struct OwnerMoved: Error {
    package let name: OwnerName

    package init(name: OwnerName) {
        self.name = name
    }
}
