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
        try await database.read { try Self.findOwner(name, seenBy: account, $0) }
    }

    /// Does so by one statement, the same for an owner that is there, one that is hidden and none, so that nobody learns by the
    /// time it takes which of them it is.
    static func findOwner(
        _ name: OwnerName,
        seenBy account: Account?,
        _ connection: any SQLConnection
    ) throws -> (owner: Owner, access: OwnerAccess)? {
        let row = try connection.first(
            """
            SELECT owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                (SELECT MAX(team.is_owners) FROM team JOIN team_member ON team_member.team_id = team.id
                    WHERE team.organization_id = named.id AND team_member.account_id = $2),
                (SELECT MAX(CASE team.packages_permission WHEN 'write' THEN 2 WHEN 'read' THEN 1 ELSE 0 END)
                    FROM team JOIN team_member ON team_member.team_id = team.id
                    WHERE team.organization_id = named.id AND team_member.account_id = $2)
            FROM (SELECT COALESCE((SELECT id FROM owner WHERE lower_name = $1),
                (SELECT owner_id FROM owner_redirect WHERE lower_name = $1)) AS id) AS named
            LEFT JOIN owner ON owner.id = named.id
            """,
            [.text(name.folded), .integer(account?.id ?? 0)]
        )
        return try row?.seenOwner(startingAt: 0)
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

extension SQLRow {
    /// The owner in five columns and an account's place in it in two: whether it is of its Owners, and the highest permission
    /// as a number, both null for none; nil where no owner was found.
    func seenOwner(startingAt column: Int) throws -> (owner: Owner, access: OwnerAccess)? {
        guard columns[column] != .null else { return nil }
        let owner = try owner(startingAt: column)
        guard owner.kind == .organization else {
            return (owner, OwnerAccess(kind: .user(id: owner.id), visibility: owner.visibility, membership: nil))
        }
        let membership = try optionalInteger(column + 5).map { isOwner in
            let permission = try optionalInteger(column + 6) ?? 0
            return Membership(
                isOwner: isOwner != 0,
                packages: permission == 2 ? .write : permission == 1 ? .read : .none
            )
        }
        return (owner, OwnerAccess(kind: .organization, visibility: owner.visibility, membership: membership))
    }
}
