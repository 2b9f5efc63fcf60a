// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var teams: TeamRows { TeamRows(tx: self) }
}

/// The tables of teams and their members.
struct TeamRows {
    let tx: Transaction

    func find(_ id: Int64) throws -> Team? {
        try tx.first("SELECT \(Team.columns) FROM team WHERE team.id = $1", [.integer(id)])
    }

    /// Adds a team; nil if its organization has one of this name.
    func insert(_ team: NewTeam, of organization: Int64, isOwners: Bool) throws -> Team? {
        try tx.first(
            """
            INSERT INTO team (
                organization_id, name, lower_name, description, is_owners, is_administrators, packages_permission, created_at
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (organization_id, lower_name) DO NOTHING RETURNING \(Team.columns)
            """,
            [
                .integer(organization), .text(team.name.text), .text(team.name.folded), .text(team.description),
                .flag(isOwners), .flag(team.isAdministrators), .text(team.packages.rawValue), .time(try tx.now),
            ]
        )
    }

    /// Changes a team; nil if there is none.
    func apply(_ change: TeamChange, to id: Int64) throws -> Team? {
        try tx.first(
            """
            UPDATE team SET
                name = COALESCE($2, name),
                lower_name = COALESCE($3, lower_name),
                description = COALESCE($4, description),
                is_administrators = COALESCE($5, is_administrators),
                packages_permission = COALESCE($6, packages_permission)
            WHERE id = $1 RETURNING \(Team.columns)
            """,
            [
                .integer(id), .text(change.name?.text), .text(change.name?.folded), .text(change.description),
                change.isAdministrators.map { .flag($0) } ?? .null, .text(change.packages?.rawValue),
            ]
        )
    }

    /// Adds a member; returns false if the account was one already.
    @discardableResult
    func insertMember(_ account: Int64, of team: Int64) throws -> Bool {
        try tx.execute(
            "INSERT INTO team_member (team_id, account_id) VALUES ($1, $2) ON CONFLICT (team_id, account_id) DO NOTHING",
            [.integer(team), .integer(account)]
        ) > 0
    }

    /// Returns whether a team still has members, or need not have any.
    func hasOwners(_ team: Int64) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM team WHERE id = $1
            AND (is_owners = 0 OR EXISTS (SELECT 1 FROM team_member WHERE team_id = $1))
            """,
            [.integer(team)]
        )
    }

    /// Returns an account's place in an organization; nil if it is in none of its teams.
    func membership(of account: Int64, in organization: Int64) throws -> Membership? {
        let teams = try tx.all(
            """
            SELECT team.is_owners, team.packages_permission
            FROM team JOIN team_member ON team_member.team_id = team.id
            WHERE team.organization_id = $1 AND team_member.account_id = $2
            """,
            [.integer(organization), .integer(account)]
        ) { row in (isOwners: try row.flag(), permission: try row.word() as Permission) }
        guard !teams.isEmpty else { return nil }
        return Membership(
            isOwner: teams.contains { $0.isOwners },
            packages: teams.map(\.permission).max() ?? .none
        )
    }

    /// Finds the first organization that has no other owner than the account, after locking the account's Owners teams.
    func organizationOwnedOnly(by account: Int64) throws -> OwnerName? {
        // Serializes transactions that take owners away from one organization.
        try tx.execute(
            """
            UPDATE team SET is_owners = 1
            WHERE is_owners = 1 AND id IN (SELECT team_id FROM team_member WHERE account_id = $1)
            """,
            [.integer(account)]
        )
        return try tx.first(
            """
            SELECT owner.name
            FROM team_member
            JOIN team ON team.id = team_member.team_id
            JOIN owner ON owner.id = team.organization_id
            WHERE team_member.account_id = $1 AND team.is_owners = 1 AND NOT EXISTS (
                SELECT 1 FROM team_member AS other WHERE other.team_id = team.id AND other.account_id <> $1
            )
            ORDER BY owner.lower_name LIMIT 1
            """,
            [.integer(account)]
        ) { try OwnerName(try $0.text()) }
    }
}

extension Team: SQLRecord {
    static let columns: SQL = """
        team.id, team.organization_id, team.name, team.description, team.is_owners, team.is_administrators,
        team.packages_permission
        """

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            organization: try row.integer(),
            name: try TeamName(try row.text()),
            description: try row.text(),
            isOwners: try row.flag(),
            isAdministrators: try row.flag(),
            packages: try row.word()
        )
    }
}
