// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Organizations and their teams.
package struct OrganizationStore: Sendable {
    let database: MetadataDatabase

    /// Creates an organization with its team Owners and the first member of it.
    ///
    /// The name may have led to another owner, so what is remembered about it is forgotten.
    package func createOrganization(
        _ name: OwnerName,
        ownedBy account: Int64,
        visibility: Visibility,
        details: OwnerChange? = nil
    ) async throws -> OrganizationCreation {
        try await database.write(telling: .access) { tx in
            guard try tx.users.find(account) != nil else { return .ownerNotFound }
            guard let id = try tx.owners.insert(name, .organization, visibility) else { return .nameTaken }
            if let details { try tx.owners.apply(details, to: id) }
            let team = try tx.teams.insert(NewTeam(name: .owners, packages: .write), of: id, isOwners: true)
            guard let team, let organization = try tx.owners.find(name) else {
                throw Rollback(OrganizationCreation.nameTaken)
            }
            try tx.teams.insertMember(account, of: team.id)
            return .created(organization)
        }
    }

    /// Finds an organization by its name, in any letter case.
    package func organization(_ name: OwnerName) async throws -> Owner? {
        let owner = try await database.read { try $0.owners.find(name) }
        return owner?.kind == .organization ? owner : nil
    }

    /// Lists organizations by name, after one that was listed before.
    package func organizations(after name: OwnerName?, limit: Int) async throws -> [Owner] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT \(Owner.columns) FROM owner
                WHERE owner.lower_name > $1 AND owner.kind = 'organization' ORDER BY owner.lower_name LIMIT $2
                """,
                [.text(name?.folded ?? ""), .integer(Int64(limit))]
            )
        }
    }

    /// Lists organizations by name among those that a caller may see: all, or those that an account is a member of.
    package func organizations(
        _ visible: VisibleOwners,
        withMember member: Int64? = nil,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await database.read { tx in
            try tx.profiles.list(
                """
                owner.kind = 'organization' /* all rows */ AND \(OwnerFilter.condition)
                AND (owner.id IN (SELECT team.organization_id FROM team
                    JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $9) OR $9 = 0)
                """,
                OwnerFilter(organizations: visible).arguments + [.integer(member ?? 0)],
                window: "LIMIT $10 OFFSET $11",
                page
            )
        }
    }

    /// Changes the profile and the visibility of an organization.
    package func updateOrganization(_ id: Int64, _ change: OwnerChange) async throws -> OrganizationUpdate {
        try await database.write(telling: .access) { tx in
            guard try tx.owners.findOrganization(id) != nil else { return .notFound }
            try tx.owners.apply(change, to: id)
            return .updated
        }
    }

    /// Removes an organization with its teams, unless it has packages or drafts.
    package func removeOrganization(_ id: Int64) async throws -> OwnerRemoval {
        try await database.write(telling: .access) { tx in
            guard try tx.owners.findOrganization(id) != nil else { return .notFound }
            try tx.owners.lock(id)
            return try tx.owners.remove(id)
        }
    }

    /// Takes a user out of all teams of an organization; refused if the organization would be left without an owner.
    package func removeMember(_ account: Int64, fromOrganization organization: Int64) async throws -> MembershipChange {
        try await database.write(telling: .access) { tx in
            // Serializes transactions that take owners away from one organization.
            let owners = try tx.integer(
                "UPDATE team SET is_owners = 1 WHERE organization_id = $1 AND is_owners = 1 RETURNING id",
                [.integer(organization)]
            )
            let removed = try tx.execute(
                """
                DELETE FROM team_member
                WHERE account_id = $2 AND team_id IN (SELECT id FROM team WHERE organization_id = $1)
                """,
                [.integer(organization), .integer(account)]
            )
            guard removed > 0 else { return .unchanged }
            if let owners, try !tx.teams.hasOwners(owners) { throw Rollback(MembershipChange.lastOwner) }
            return .changed
        }
    }

    /// Lists the members of an organization's teams, each once, by name.
    package func members(
        ofOrganization id: Int64,
        onlyPublic: Bool = false,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await database.read { tx in
            try tx.profiles.list(
                "owner.id IN \(Self.membersOfOrganization) AND ($2 = 0 OR owner.visibility = 'public')",
                [.integer(id), .flag(onlyPublic)],
                window: "LIMIT $3 OFFSET $4",
                page
            )
        }
    }

    /// Finds a member of an organization by its name; nil if it is none.
    package func member(_ user: OwnerName, ofOrganization id: Int64) async throws -> OwnerProfile? {
        try await member(user, of: id, in: Self.membersOfOrganization)
    }

    private static let membersOfOrganization: SQL = """
        (SELECT team_member.account_id
            FROM team JOIN team_member ON team_member.team_id = team.id WHERE team.organization_id = $1)
        """

    /// Finds a member by its name among the accounts that a selection on the parameter 1 has.
    func member(_ user: OwnerName, of id: Int64, in members: SQL) async throws -> OwnerProfile? {
        try await database.read { tx in
            try tx.first(
                """
                SELECT \(OwnerProfile.columns) FROM \(OwnerProfile.source)
                WHERE owner.lower_name = $2 AND owner.id IN \(members)
                """,
                [.integer(id), .text(user.folded)]
            )
        }
    }
}
