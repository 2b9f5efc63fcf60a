// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

extension Accounts {
    /// Creates an organization and its team Owners, with the given user as the first member.
    @discardableResult
    package func createOrganization(
        _ name: OwnerName,
        ownedBy user: Account,
        visibility: Visibility = .public,
        details: OwnerChange? = nil
    ) async throws -> Owner {
        try Self.checkNew(name)
        let outcome = try await organizations.createOrganization(
            name,
            ownedBy: user.id,
            visibility: visibility,
            details: details
        )
        switch outcome {
        case .created(let organization): return organization
        case .nameTaken: throw Self.taken(name)
        case .ownerNotFound: throw Self.noUser(user.name)
        }
    }

    /// Returns all organizations, ordered by name.
    package func listOrganizations() async throws -> [Owner] {
        try await all { last in
            try await organizations.organizations(after: last?.name, limit: Self.pageSize)
        }
    }

    /// Deletes an organization that has no packages, together with its teams.
    package func deleteOrganization(_ organization: Owner) async throws {
        switch try await organizations.removeOrganization(organization.id) {
        case .removed: return
        case .notFound: throw Self.noOrganization(organization.name)
        case .ownsPackages, .lastOwner, .lastAdministrator: throw Self.ownsPackages(organization.name)
        }
    }

    /// Updates the profile and the visibility of an organization.
    package func updateOrganization(_ organization: Owner, _ change: OwnerChange) async throws {
        let outcome = try await organizations.updateOrganization(organization.id, change)
        guard outcome == .updated else { throw Self.noOrganization(organization.name) }
    }

    /// Adds a user to a team; returns false if the user was already a member.
    @discardableResult
    package func addMember(_ user: Account, to team: Team, of organization: Owner) async throws -> Bool {
        let change = try await organizations.addMember(user.id, to: team.id)
        return try Self.isChanged(change, user, team.name, organization)
    }

    /// Removes a user from a team; returns false if the user was not a member.
    @discardableResult
    package func removeMember(_ user: Account, from team: Team, of organization: Owner) async throws -> Bool {
        let change = try await organizations.removeMember(user.id, from: team.id)
        return try Self.isChanged(change, user, team.name, organization)
    }

    /// Removes a user from all teams of an organization; returns false if the user was in none.
    @discardableResult
    package func removeMember(_ user: Account, from organization: Owner) async throws -> Bool {
        let change = try await organizations.removeMember(user.id, fromOrganization: organization.id)
        return try Self.isChanged(change, user, .owners, organization)
    }

    private static func isChanged(
        _ change: MembershipChange,
        _ user: Account,
        _ team: TeamName,
        _ organization: Owner
    ) throws -> Bool {
        switch change {
        case .changed: return true
        case .unchanged: return false
        case .userNotFound: throw noUser(user.name)
        case .teamNotFound: throw noTeam(team, in: organization.name)
        case .lastOwner:
            throw RegistryError.stillInUse(
                "\(user.name) is the only owner of the organization \(organization.name): add another owner first"
            )
        }
    }
}
