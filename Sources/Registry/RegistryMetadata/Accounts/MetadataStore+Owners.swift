// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Finds an owner, and what an account's access to its packages depends on, in one read.
    ///
    /// A name that the owner had before leads to it, too; the owner has its present name.
    package func owner(
        _ name: OwnerName,
        seenBy account: Account?
    ) async throws -> (owner: Owner, access: OwnerAccess)? {
        try await database.read { connection in
            guard let owner = try Self.findOwnerOrFormer(name, connection) else { return nil }
            return (owner, try Self.access(to: owner, by: account, connection))
        }
    }

    /// Finds an organization by its name, in any letter case.
    package func organization(_ name: OwnerName) async throws -> Owner? {
        let owner = try await database.read { try Self.findOwner(name, $0) }
        return owner?.kind == .organization ? owner : nil
    }

    /// Finds an owner by its name, in any letter case.
    static func findOwner(_ name: OwnerName, _ connection: any SQLConnection) throws -> Owner? {
        try connection.first(
            "SELECT id, name, kind, visibility, contract FROM owner WHERE lower_name = $1",
            [.text(name.folded)]
        )?.owner()
    }

    /// Finds an owner by its name or by one that it had before and nobody else has now.
    static func findOwnerOrFormer(_ name: OwnerName, _ connection: any SQLConnection) throws -> Owner? {
        if let owner = try findOwner(name, connection) { return owner }
        return try connection.first(
            """
            SELECT owner.id, owner.name, owner.kind, owner.visibility, owner.contract
            FROM owner_redirect JOIN owner ON owner.id = owner_redirect.owner_id
            WHERE owner_redirect.lower_name = $1
            """,
            [.text(name.folded)]
        )?.owner()
    }

    /// Finds an owner by its number.
    static func findOwner(_ id: Int64, _ connection: any SQLConnection) throws -> Owner? {
        try connection.first(
            "SELECT id, name, kind, visibility, contract FROM owner WHERE id = $1",
            [.integer(id)]
        )?.owner()
    }

    /// Finds an organization by its number.
    static func findOrganization(_ id: Int64, _ connection: any SQLConnection) throws -> Owner? {
        let owner = try findOwner(id, connection)
        return owner?.kind == .organization ? owner : nil
    }

    static func access(
        to owner: Owner,
        by account: Account?,
        _ connection: any SQLConnection
    ) throws -> OwnerAccess {
        switch owner.kind {
        case .user:
            return OwnerAccess(kind: .user(id: owner.id), visibility: owner.visibility, membership: nil)
        case .organization:
            let membership = try account.flatMap { try Self.membership(of: $0.id, in: owner.id, connection) }
            return OwnerAccess(kind: .organization, visibility: owner.visibility, membership: membership)
        }
    }

    private static func membership(
        of account: Int64,
        in organization: Int64,
        _ connection: any SQLConnection
    ) throws -> Membership? {
        let teams = try connection.query(
            """
            SELECT team.is_owners, team.packages_permission
            FROM team JOIN team_member ON team_member.team_id = team.id
            WHERE team.organization_id = $1 AND team_member.account_id = $2
            """,
            [.integer(organization), .integer(account)]
        )
        guard !teams.isEmpty else { return nil }
        let permissions: [Permission] = try teams.map { try $0.word(1) }
        return Membership(
            isOwner: try teams.contains { try $0.flag(0) },
            packages: permissions.max() ?? .none
        )
    }
}
