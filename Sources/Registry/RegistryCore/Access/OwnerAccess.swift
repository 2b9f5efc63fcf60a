// SPDX-License-Identifier: Apache-2.0

/// What access to an owner's packages depends on, besides the actor.
package struct OwnerAccess: Hashable, Sendable {
    /// What the owner is.
    package enum Kind: Hashable, Sendable {
        case user(id: Int64)
        case organization
    }

    package let kind: Kind
    package let visibility: Visibility
    /// The actor's place in the organization; nil when it has none.
    package let membership: Membership?

    /// Describes an owner as seen by one actor.
    package init(kind: Kind, visibility: Visibility, membership: Membership?) {
        self.kind = kind
        self.visibility = visibility
        self.membership = membership
    }
}

/// An actor's place in an organization.
package struct Membership: Hashable, Sendable {
    /// Whether one of the actor's teams is the organization's Owners.
    package let isOwner: Bool
    /// The highest packages permission of the actor's teams.
    package let packages: Permission

    /// Describes a membership.
    package init(isOwner: Bool, packages: Permission) {
        self.isOwner = isOwner
        self.packages = packages
    }
}
