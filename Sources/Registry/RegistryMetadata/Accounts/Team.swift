// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A team of an organization.
package struct Team: Hashable, Sendable {
    package let id: Int64
    /// The number of the organization.
    package let organization: Int64
    package let name: TeamName
    package let description: String
    /// Whether it is the team that every organization has, whose members may do everything in it.
    package let isOwners: Bool
    /// Whether it was made to administer repositories, which the registry does not have: its members write packages.
    package let isAdministrators: Bool
    /// What its members may do with the organization's packages.
    package let packages: Permission
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

/// What is to change in a team; nil leaves a property as it is.
package struct TeamChange: Sendable {
    package var name: TeamName?
    package var description: String?
    package var isAdministrators: Bool?
    package var packages: Permission?

    /// Changes nothing yet.
    package init() {}
}

/// A team as an account sees it.
package struct SeenTeam: Sendable {
    package let team: Team
    package let organization: OwnerProfile
    package let access: OwnerAccess
    /// Whether the account is a member of this very team.
    package let isMember: Bool
}

/// How the change of a team ended.
package enum TeamUpdate: Hashable, Sendable {
    case updated(Team)
    case notFound
    /// The organization has another team of this name.
    case nameTaken
}

/// How the creation of an organization ended.
package enum OrganizationCreation: Hashable, Sendable {
    case created(Owner)
    /// A user or an organization has the name.
    case nameTaken
    /// The user who was to own it does not exist.
    case ownerNotFound
}

/// How the creation of a team ended.
package enum TeamCreation: Hashable, Sendable {
    case created(Team)
    case organizationNotFound
    /// The organization has a team of this name.
    case nameTaken
}

/// How a change of a team's members ended.
package enum MembershipChange: Hashable, Sendable {
    case changed
    /// The user was a member already, or was none.
    case unchanged
    case teamNotFound
    case userNotFound
    /// The user is the only owner of the organization; nothing was changed.
    case lastOwner
}
