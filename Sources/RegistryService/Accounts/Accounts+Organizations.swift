// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

extension Accounts {
    /// Creates an organization with the team Owners, whose first member is a user.
    @discardableResult
    package func createOrganization(
        _ name: OwnerName,
        ownedBy user: OwnerName,
        visibility: Visibility = .public
    ) async throws -> Owner {
        try Self.checkNew(name)
        switch try await metadata.createOrganization(name, ownedBy: user, visibility: visibility) {
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

    /// Creates a team whose members have a permission on the organization's packages.
    package func createTeam(_ team: TeamName, in organization: OwnerName, packages: Permission) async throws {
        switch try await metadata.createTeam(team, in: organization, packages: packages) {
        case .created: return
        case .organizationNotFound: throw Self.noOrganization(organization)
        case .nameTaken:
            throw RegistryError.alreadyExists(
                "the organization \(organization) has a team \(team) already: choose another name"
            )
        }
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
        case .teamNotFound:
            throw RegistryError.notFound(
                "the organization \(organization) has no team \(team): create it with granary admin team create"
            )
        case .lastOwner:
            throw RegistryError.forbidden(
                "\(user) is the only owner of the organization \(organization): add another owner first"
            )
        }
    }
}
