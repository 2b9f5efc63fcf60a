// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Creates an organization with its team Owners and the first member of it.
    package func createOrganization(
        _ name: OwnerName,
        ownedBy account: Int64,
        visibility: Visibility,
        details: OwnerChange? = nil
    ) async throws -> OrganizationCreation {
        try await writeUnlessRolledBack { connection in
            guard try Self.findUser(account, connection) != nil else { return .ownerNotFound }
            guard let id = try Self.insertOwner(name, .organization, visibility, connection) else {
                return .nameTaken
            }
            if let details { try Self.apply(details, toOwner: id, connection) }
            let owners = NewTeam(name: .owners, packages: .write)
            let team = try Self.insertTeam(owners, of: id, isOwners: true, connection)
            guard let team, let organization = try Self.findOwner(name, connection) else {
                throw Rollback(OrganizationCreation.nameTaken)
            }
            try Self.insertMember(account, of: team.id, connection)
            return .created(organization)
        }
    }

    /// Lists organizations by name, beginning after one that was listed before.
    package func organizations(after name: OwnerName?, limit: Int) async throws -> [Owner] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT id, name, kind, visibility, contract FROM owner
                WHERE lower_name > $1 AND kind = 'organization' ORDER BY lower_name LIMIT $2
                """,
                [.text(name?.folded ?? ""), .integer(Int64(limit))]
            ).map { try $0.owner() }
        }
    }

    /// Creates a team without members.
    package func createTeam(_ team: NewTeam, in organization: Int64) async throws -> TeamCreation {
        try await writeRetrying { connection in
            guard try Self.findOrganization(organization, connection) != nil else { return .organizationNotFound }
            let created = try Self.insertTeam(team, of: organization, isOwners: false, connection)
            return created.map { .created($0) } ?? .nameTaken
        }
    }

    /// Makes a user a member of a team.
    package func addMember(_ account: Int64, to team: Int64) async throws -> MembershipChange {
        try await writeRetrying(telling: .access) { connection in
            guard try Self.findTeam(team, connection) != nil else { return .teamNotFound }
            guard try Self.findUser(account, connection) != nil else { return .userNotFound }
            return try Self.insertMember(account, of: team, connection) ? .changed : .unchanged
        }
    }

    /// Takes a user out of a team; refused when an organization would be left without an owner.
    package func removeMember(_ account: Int64, from team: Int64) async throws -> MembershipChange {
        try await writeUnlessRolledBack(telling: .access) { connection in
            guard try Self.findTeam(team, connection) != nil else { return .teamNotFound }
            // Orders transactions that take members away from one team.
            try connection.execute("UPDATE team SET is_owners = is_owners WHERE id = $1", [.integer(team)])
            let removed = try connection.execute(
                "DELETE FROM team_member WHERE team_id = $1 AND account_id = $2",
                [.integer(team), .integer(account)]
            )
            guard removed > 0 else { return .unchanged }
            guard try Self.hasOwners(team, connection) else { throw Rollback(MembershipChange.lastOwner) }
            return .changed
        }
    }

    private static func insertTeam(
        _ team: NewTeam,
        of organization: Int64,
        isOwners: Bool,
        _ connection: any SQLConnection
    ) throws -> Team? {
        try connection.first(
            """
            INSERT INTO team (
                organization_id, name, lower_name, description, is_owners, is_administrators, packages_permission, created_at
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (organization_id, lower_name) DO NOTHING
            RETURNING id, organization_id, name, description, is_owners, is_administrators, packages_permission
            """,
            [
                .integer(organization), .text(team.name.text), .text(team.name.folded), .text(team.description),
                .flag(isOwners), .flag(team.isAdministrators), .text(team.packages.rawValue),
                .time(try connection.now()),
            ]
        )?.team()
    }

    /// Adds a member; false when it was one already.
    @discardableResult
    private static func insertMember(
        _ account: Int64,
        of team: Int64,
        _ connection: any SQLConnection
    ) throws -> Bool {
        try connection.execute(
            "INSERT INTO team_member (team_id, account_id) VALUES ($1, $2) ON CONFLICT (team_id, account_id) DO NOTHING",
            [.integer(team), .integer(account)]
        ) > 0
    }

    /// Whether a team still has members, or need not have any.
    static func hasOwners(_ team: Int64, _ connection: any SQLConnection) throws -> Bool {
        try connection.first(
            """
            SELECT 1 FROM team WHERE id = $1
            AND (is_owners = 0 OR EXISTS (SELECT 1 FROM team_member WHERE team_id = $1))
            """,
            [.integer(team)]
        ) != nil
    }
}
