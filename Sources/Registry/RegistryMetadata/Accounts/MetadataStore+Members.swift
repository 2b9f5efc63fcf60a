// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// The members of an organization's teams, each once, by name.
    package func members(
        ofOrganization id: Int64,
        onlyPublic: Bool = false,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await database.read { connection in
            try connection.listing(
                count: """
                    SELECT COUNT(DISTINCT team_member.account_id)
                    FROM team JOIN team_member ON team_member.team_id = team.id
                    JOIN owner ON owner.id = team_member.account_id
                    WHERE team.organization_id = $1 AND ($2 = 0 OR owner.visibility = 'public')
                    """,
                rows: """
                    SELECT * FROM owner_profile
                    WHERE id IN (SELECT team_member.account_id
                        FROM team JOIN team_member ON team_member.team_id = team.id WHERE team.organization_id = $1)
                        AND ($2 = 0 OR visibility = 'public')
                    ORDER BY lower_name LIMIT $3 OFFSET $4
                    """,
                [.integer(id), .flag(onlyPublic)],
                page
            ) { try Self.profile($0) }
        }
    }

    /// The members of a team, by name.
    package func members(
        ofTeam id: Int64,
        onlyPublic: Bool = false,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await database.read { connection in
            try connection.listing(
                count: """
                    SELECT COUNT(*) FROM team_member JOIN owner ON owner.id = team_member.account_id
                    WHERE team_member.team_id = $1 AND ($2 = 0 OR owner.visibility = 'public')
                    """,
                rows: """
                    SELECT * FROM owner_profile
                    WHERE id IN (SELECT account_id FROM team_member WHERE team_id = $1)
                        AND ($2 = 0 OR visibility = 'public')
                    ORDER BY lower_name LIMIT $3 OFFSET $4
                    """,
                [.integer(id), .flag(onlyPublic)],
                page
            ) { try Self.profile($0) }
        }
    }

    /// A member of an organization by its name; nil when it is none.
    package func member(_ user: OwnerName, ofOrganization id: Int64) async throws -> OwnerProfile? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT * FROM owner_profile
                WHERE lower_name = $2 AND id IN (SELECT team_member.account_id
                    FROM team JOIN team_member ON team_member.team_id = team.id WHERE team.organization_id = $1)
                """,
                [.integer(id), .text(user.folded)]
            ).map { try Self.profile($0) }
        }
    }

    /// A member of a team by its name; nil when it is none.
    package func member(_ user: OwnerName, ofTeam id: Int64) async throws -> OwnerProfile? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT * FROM owner_profile
                WHERE lower_name = $2 AND id IN (SELECT account_id FROM team_member WHERE team_id = $1)
                """,
                [.integer(id), .text(user.folded)]
            ).map { try Self.profile($0) }
        }
    }

    /// Takes a user out of all teams of an organization; refused when it would be left without an owner.
    package func removeMember(
        _ account: Int64,
        fromOrganization organization: Int64
    ) async throws -> MembershipChange {
        try await writeUnlessRolledBack(telling: .access) { connection in
            // Orders transactions that take owners away from one organization.
            let owners = try connection.first(
                "UPDATE team SET is_owners = 1 WHERE organization_id = $1 AND is_owners = 1 RETURNING id",
                [.integer(organization)]
            )
            let removed = try connection.execute(
                """
                DELETE FROM team_member
                WHERE account_id = $2 AND team_id IN (SELECT id FROM team WHERE organization_id = $1)
                """,
                [.integer(organization), .integer(account)]
            )
            guard removed > 0 else { return .unchanged }
            if let owners, try !Self.hasOwners(try owners.integer(0), connection) {
                throw Rollback(MembershipChange.lastOwner)
            }
            return .changed
        }
    }
}
