// SPDX-License-Identifier: Apache-2.0

/// A team of an organization.
package struct Team: Hashable, Sendable {
    package let id: Int64
    /// The number of the organization.
    package let organization: Int64
    package let name: TeamName
    package let description: String
    /// Whether this is the team Owners, which every organization has and whose members may do everything in it.
    package let isOwners: Bool
    /// Whether the team was created to administer repositories, which the registry does not have; its members may write packages.
    package let isAdministrators: Bool
    /// The permission of its members on the organization's packages.
    package let packages: Permission

    package init(
        id: Int64,
        organization: Int64,
        name: TeamName,
        description: String,
        isOwners: Bool,
        isAdministrators: Bool,
        packages: Permission
    ) {
        self.id = id
        self.organization = organization
        self.name = name
        self.description = description
        self.isOwners = isOwners
        self.isAdministrators = isAdministrators
        self.packages = packages
    }
}

/// A team that is to be created.
package struct NewTeam: Sendable {
    package let name: TeamName
    package let description: String
    package let isAdministrators: Bool
    package let packages: Permission

    /// Describes the team.
    package init(name: TeamName, description: String = "", isAdministrators: Bool = false, packages: Permission) {
        self.name = name
        self.description = description
        self.isAdministrators = isAdministrators
        self.packages = packages
    }
}

/// A change of a team; nil leaves a property as it is.
package struct TeamChange: Sendable {
    package var name: TeamName?
    package var description: String?
    package var isAdministrators: Bool?
    package var packages: Permission?

    /// Changes nothing yet.
    package init() {}
}

/// A team, with the organization that it belongs to.
package struct TeamOfOrganization: Hashable, Sendable {
    package let team: Team
    package let organization: OwnerProfile

    package init(team: Team, organization: OwnerProfile) {
        self.team = team
        self.organization = organization
    }
}

/// A team, and the place of one account in it and its organization.
package struct SeenTeam: Sendable {
    package let team: Team
    package let organization: OwnerProfile
    package let access: OwnerAccess
    /// Whether the account is a member of this very team.
    package let isMember: Bool

    package init(team: Team, organization: OwnerProfile, access: OwnerAccess, isMember: Bool) {
        self.team = team
        self.organization = organization
        self.access = access
        self.isMember = isMember
    }
}
