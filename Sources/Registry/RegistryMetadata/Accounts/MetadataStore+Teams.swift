// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Teams of an organization by name: all of them, or those that an account is a member of.
    package func teams(
        of organization: Int64,
        withMember member: Int64? = nil,
        matching text: String = "",
        page: ListPage
    ) async throws -> Listing<Team> {
        try await database.read { connection in
            try connection.listing(
                count: """
                    SELECT COUNT(*) FROM team
                    WHERE organization_id = $1 AND ($2 = '' OR lower_name LIKE $2 ESCAPE '!')
                        AND (id IN (SELECT team_id FROM team_member WHERE account_id = $3) OR $3 = 0)
                    """,
                rows: """
                    SELECT id, organization_id, name, description, is_owners, is_administrators, packages_permission
                    FROM team
                    WHERE organization_id = $1 AND ($2 = '' OR lower_name LIKE $2 ESCAPE '!')
                        AND (id IN (SELECT team_id FROM team_member WHERE account_id = $3) OR $3 = 0)
                    ORDER BY is_owners DESC, lower_name LIMIT $4 OFFSET $5
                    """,
                [.integer(organization), .text(Self.pattern(text)), .integer(member ?? 0)],
                page
            ) { try $0.team() }
        }
    }

    /// Teams that an account is a member of, each with its organization, by the organization's name.
    package func teams(
        withMember account: Int64,
        onlyOfPublic: Bool = false,
        page: ListPage
    ) async throws -> Listing<(team: Team, organization: OwnerProfile)> {
        try await database.read { connection in
            try connection.listing(
                count: """
                    SELECT COUNT(*) FROM team_member
                    JOIN team ON team.id = team_member.team_id
                    JOIN owner ON owner.id = team.organization_id
                    WHERE team_member.account_id = $1 AND ($2 = 0 OR owner.visibility = 'public')
                    """,
                rows: """
                    SELECT team.id, team.organization_id, team.name, team.description, team.is_owners,
                        team.is_administrators, team.packages_permission, owner_profile.*
                    FROM team_member
                    JOIN team ON team.id = team_member.team_id
                    JOIN owner_profile ON owner_profile.id = team.organization_id
                    WHERE team_member.account_id = $1 AND ($2 = 0 OR owner_profile.visibility = 'public')
                    ORDER BY owner_profile.lower_name, team.lower_name LIMIT $3 OFFSET $4
                    """,
                [.integer(account), .flag(onlyOfPublic)],
                page
            ) { row in
                (team: try row.team(), organization: try Self.profile(SQLRow(Array(row.columns.dropFirst(7)))))
            }
        }
    }

    /// Finds a team by its number, with its organization and an account's place in it.
    package func team(_ id: Int64, seenBy account: Account?) async throws -> SeenTeam? {
        try await database.read { connection in
            guard let team = try Self.findTeam(id, connection),
                let organization = try Self.findProfile(team.organization, connection)
            else { return nil }
            let member = try connection.first(
                "SELECT 1 FROM team_member WHERE team_id = $1 AND account_id = $2",
                [.integer(id), .integer(account?.id ?? 0)]
            )
            return SeenTeam(
                team: team,
                organization: organization,
                access: try Self.access(to: organization.owner, by: account, connection),
                isMember: member != nil
            )
        }
    }

    /// Finds a team of an organization by its name, in any letter case.
    package func team(_ name: TeamName, of organization: Int64) async throws -> Team? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT id, organization_id, name, description, is_owners, is_administrators, packages_permission
                FROM team WHERE organization_id = $1 AND lower_name = $2
                """,
                [.integer(organization), .text(name.folded)]
            )?.team()
        }
    }

    /// Changes a team.
    package func updateTeam(_ id: Int64, _ change: TeamChange) async throws -> TeamUpdate {
        do {
            return try await writeRetrying(telling: .access) { connection in
                try connection.first(
                    """
                    UPDATE team SET
                        name = COALESCE($2, name),
                        lower_name = COALESCE($3, lower_name),
                        description = COALESCE($4, description),
                        is_administrators = COALESCE($5, is_administrators),
                        packages_permission = COALESCE($6, packages_permission)
                    WHERE id = $1
                    RETURNING id, organization_id, name, description, is_owners, is_administrators, packages_permission
                    """,
                    [
                        .integer(id), .text(change.name?.text), .text(change.name?.folded), .text(change.description),
                        change.isAdministrators.map { .flag($0) } ?? .null, .text(change.packages?.rawValue),
                    ]
                ).map { .updated(try $0.team()) } ?? .notFound
            }
        } catch let error as SQLError where error.code == .uniqueViolation {
            return .nameTaken
        }
    }

    /// Removes a team other than Owners; false when there is none.
    package func removeTeam(_ id: Int64) async throws -> Bool {
        try await writeRetrying(telling: .access) { connection in
            try connection.execute("DELETE FROM team WHERE id = $1 AND is_owners = 0", [.integer(id)]) > 0
        }
    }

    static func findTeam(_ id: Int64, _ connection: any SQLConnection) throws -> Team? {
        try connection.first(
            """
            SELECT id, organization_id, name, description, is_owners, is_administrators, packages_permission
            FROM team WHERE id = $1
            """,
            [.integer(id)]
        )?.team()
    }
}
