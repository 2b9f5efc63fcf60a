// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// The teams of organizations and their members.
extension OrganizationStore {
    private static let membersOfTeam: SQL = "(SELECT account_id FROM team_member WHERE team_id = $1)"

    /// Creates a team without members.
    package func createTeam(_ team: NewTeam, in organization: Int64) async throws -> TeamCreation {
        try await database.write { tx in
            guard try tx.owners.findOrganization(organization) != nil else { return .organizationNotFound }
            return try tx.teams.insert(team, of: organization, isOwners: false).map { .created($0) } ?? .nameTaken
        }
    }

    /// Finds a team, with its organization and an account's place in it.
    package func team(_ id: Int64, seenBy account: Account?) async throws -> SeenTeam? {
        try await database.read { tx in
            guard let team = try tx.teams.find(id), let organization = try tx.profiles.find(team.organization) else {
                return nil
            }
            let isMember = try tx.exists(
                "SELECT 1 FROM team_member WHERE team_id = $1 AND account_id = $2",
                [.integer(id), .integer(account?.id ?? 0)]
            )
            return SeenTeam(
                team: team,
                organization: organization,
                access: try tx.owners.access(to: organization.owner, by: account),
                isMember: isMember
            )
        }
    }

    /// Finds a team of an organization by its name, in any letter case.
    package func team(_ name: TeamName, of organization: Int64) async throws -> Team? {
        try await database.read { tx in
            try tx.first(
                "SELECT \(Team.columns) FROM team WHERE team.organization_id = $1 AND team.lower_name = $2",
                [.integer(organization), .text(name.folded)]
            )
        }
    }

    /// Lists the teams of an organization by name: all, or those that an account is a member of.
    package func teams(
        of organization: Int64,
        withMember member: Int64? = nil,
        matching text: String = "",
        page: ListPage
    ) async throws -> Listing<Team> {
        let condition: SQL = """
            organization_id = $1 AND ($2 = '' OR lower_name LIKE $2 ESCAPE '!')
            AND (id IN (SELECT team_id FROM team_member WHERE account_id = $3) OR $3 = 0)
            """
        return try await database.read { tx in
            try tx.listing(
                count: "SELECT COUNT(*) FROM team WHERE \(condition)",
                rows: """
                    SELECT \(Team.columns) FROM team WHERE \(condition)
                    ORDER BY is_owners DESC, lower_name LIMIT $4 OFFSET $5
                    """,
                [.integer(organization), .text(LikePattern.containing(text)), .integer(member ?? 0)],
                page
            )
        }
    }

    /// Lists the teams that an account is a member of, each with its organization, by the organization's name.
    package func teams(
        withMember account: Int64,
        onlyOfPublic: Bool = false,
        page: ListPage
    ) async throws -> Listing<TeamOfOrganization> {
        let source: SQL = """
            FROM team_member
            JOIN team ON team.id = team_member.team_id
            JOIN owner ON owner.id = team.organization_id
            LEFT JOIN account ON account.owner_id = owner.id
            WHERE team_member.account_id = $1 AND ($2 = 0 OR owner.visibility = 'public')
            """
        return try await database.read { tx in
            try tx.listing(
                count: "SELECT COUNT(*) \(source)",
                rows: """
                    SELECT \(TeamOfOrganization.columns) \(source)
                    ORDER BY owner.lower_name, team.lower_name LIMIT $3 OFFSET $4
                    """,
                [.integer(account), .flag(onlyOfPublic)],
                page
            )
        }
    }

    package func updateTeam(_ id: Int64, _ change: TeamChange) async throws -> TeamUpdate {
        do {
            return try await database.write(telling: .access) { tx in
                try tx.teams.apply(change, to: id).map { .updated($0) } ?? .notFound
            }
        } catch let error as SQLError where error.code == .uniqueViolation {
            return .nameTaken
        }
    }

    /// Removes a team other than Owners; returns false if there is none.
    package func removeTeam(_ id: Int64) async throws -> Bool {
        try await database.write(telling: .access) { tx in
            try tx.execute("DELETE FROM team WHERE id = $1 AND is_owners = 0", [.integer(id)]) > 0
        }
    }

    /// Makes a user a member of a team.
    package func addMember(_ account: Int64, to team: Int64) async throws -> MembershipChange {
        try await database.write(telling: .access) { tx in
            guard try tx.teams.find(team) != nil else { return .teamNotFound }
            guard try tx.users.find(account) != nil else { return .userNotFound }
            return try tx.teams.insertMember(account, of: team) ? .changed : .unchanged
        }
    }

    /// Takes a user out of a team; refused if an organization would be left without an owner.
    package func removeMember(_ account: Int64, from team: Int64) async throws -> MembershipChange {
        try await database.write(telling: .access) { tx in
            guard try tx.teams.find(team) != nil else { return .teamNotFound }
            // Serializes transactions that take members away from one team.
            try tx.execute("UPDATE team SET is_owners = is_owners WHERE id = $1", [.integer(team)])
            let removed = try tx.execute(
                "DELETE FROM team_member WHERE team_id = $1 AND account_id = $2",
                [.integer(team), .integer(account)]
            )
            guard removed > 0 else { return .unchanged }
            guard try tx.teams.hasOwners(team) else { throw Rollback(MembershipChange.lastOwner) }
            return .changed
        }
    }

    /// Lists the members of a team, by name.
    package func members(ofTeam id: Int64, onlyPublic: Bool = false, page: ListPage) async throws -> Listing<
        OwnerProfile
    > {
        try await database.read { tx in
            try tx.profiles.list(
                "owner.id IN \(Self.membersOfTeam) AND ($2 = 0 OR owner.visibility = 'public')",
                [.integer(id), .flag(onlyPublic)],
                window: "LIMIT $3 OFFSET $4",
                page
            )
        }
    }

    /// Finds a member of a team by its name; nil if it is none.
    package func member(_ user: OwnerName, ofTeam id: Int64) async throws -> OwnerProfile? {
        try await member(user, of: id, in: Self.membersOfTeam)
    }
}

extension TeamOfOrganization: SQLRecord {
    static let columns: SQL = "\(Team.columns), \(OwnerProfile.columns)"

    init(reading row: inout RowReader) throws {
        self.init(team: try Team(reading: &row), organization: try OwnerProfile(reading: &row))
    }
}
