// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The outcome of changing a team.
package enum TeamUpdate: Hashable, Sendable {
    case updated(Team)
    case notFound
    /// The organization has another team of this name.
    case nameTaken
}

/// The outcome of creating an organization.
package enum OrganizationCreation: Hashable, Sendable {
    case created(Owner)
    /// A user or an organization has the name.
    case nameTaken
    /// The user who was to be its first owner does not exist.
    case ownerNotFound
}

/// The outcome of creating a team.
package enum TeamCreation: Hashable, Sendable {
    case created(Team)
    case organizationNotFound
    /// The organization has a team of this name.
    case nameTaken
}

/// The outcome of changing a team's members.
package enum MembershipChange: Hashable, Sendable {
    case changed
    /// The user already was, or was not, a member.
    case unchanged
    case teamNotFound
    case userNotFound
    /// The user is the only owner of the organization; nothing was changed.
    case lastOwner
}
