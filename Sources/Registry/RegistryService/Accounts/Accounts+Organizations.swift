// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

extension Accounts {
    /// Creates an organization with the team Owners, whose first member is a user.
    @discardableResult
    package func createOrganization(
        _ name: OwnerName,
        ownedBy user: OwnerName,
        visibility: Visibility = .public,
        details: OwnerChange? = nil
    ) async throws -> Owner {
        try Self.checkNew(name)
        let outcome = try await metadata.createOrganization(
            name,
            ownedBy: user,
            visibility: visibility,
            details: details
        )
        cache.forgetAll()
        switch outcome {
        case .created(let organization): return organization
        case .nameTaken: throw Self.taken(name)
        case .ownerNotFound: throw Self.noUser(user)
        }
    }

    /// All organizations, by name.
    package func listOrganizations() async throws -> [Owner] {
        try await all { last in
            try await metadata.organizations(after: last?.name, limit: Self.pageSize)
        }
    }

    /// Removes an organization without packages, with its teams.
    package func deleteOrganization(_ name: OwnerName) async throws {
        switch try await metadata.removeOrganization(name) {
        case .removed: cache.forgetAll()
        case .notFound: throw Self.noOrganization(name)
        case .ownsPackages, .lastOwner, .lastAdministrator: throw Self.ownsPackages(name)
        }
    }

    /// Changes what an organization says about itself, and who may see it.
    package func updateOrganization(_ name: OwnerName, _ change: OwnerChange) async throws {
        let outcome = try await metadata.updateOrganization(name, change)
        cache.forgetAll()
        guard outcome == .updated else { throw Self.noOrganization(name) }
    }

    /// Makes a user a member of a team; false when it was one already.
    @discardableResult
    package func addMember(_ user: OwnerName, to team: TeamName, of organization: OwnerName) async throws -> Bool {
        let change = try await metadata.addMember(user, to: team, of: organization)
        cache.forgetAll()
        return try Self.isChanged(change, user, team, organization)
    }

    /// Takes a user out of a team; false when it was no member.
    @discardableResult
    package func removeMember(_ user: OwnerName, from team: TeamName, of organization: OwnerName) async throws -> Bool {
        let change = try await metadata.removeMember(user, from: team, of: organization)
        cache.forgetAll()
        return try Self.isChanged(change, user, team, organization)
    }

    /// Takes a user out of all teams of an organization; false when it was in none.
    @discardableResult
    package func removeMember(_ user: OwnerName, from organization: OwnerName) async throws -> Bool {
        let change = try await metadata.removeMember(user, fromOrganization: organization)
        cache.forgetAll()
        return try Self.isChanged(change, user, .owners, organization)
    }

    private static func isChanged(
        _ change: MembershipChange,
        _ user: OwnerName,
        _ team: TeamName,
        _ organization: OwnerName
    ) throws -> Bool {
        switch change {
        case .changed: return true
        case .unchanged: return false
        case .organizationNotFound: throw noOrganization(organization)
        case .userNotFound: throw noUser(user)
        case .teamNotFound: throw noTeam(team, in: organization)
        case .lastOwner:
            throw RegistryError.stillInUse(
                "\(user) is the only owner of the organization \(organization): add another owner first"
            )
        }
    }
}
