// SPDX-License-Identifier: Apache-2.0

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
    case created
    case organizationNotFound
    /// The organization has a team of this name.
    case nameTaken
}

/// How a change of a team's members ended.
package enum MembershipChange: Hashable, Sendable {
    case changed
    /// The user was a member already, or was none.
    case unchanged
    case organizationNotFound
    case teamNotFound
    case userNotFound
    /// The user is the only owner of the organization; nothing was changed.
    case lastOwner
}
