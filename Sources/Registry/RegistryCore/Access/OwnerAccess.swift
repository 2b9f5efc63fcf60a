// SPDX-License-Identifier: Apache-2.0

/// The properties of an owner that determine access to its packages.
package struct OwnerAccess: Hashable, Sendable {
    /// The kind of the owner.
    package enum Kind: Hashable, Sendable {
        case user(id: Int64)
        case organization
    }

    package let kind: Kind
    package let visibility: Visibility
    /// The caller's membership in the organization, or nil when there is none.
    package let membership: Membership?

    /// Creates the description of an owner for one caller.
    package init(kind: Kind, visibility: Visibility, membership: Membership?) {
        self.kind = kind
        self.visibility = visibility
        self.membership = membership
    }
}

/// A caller's membership in an organization.
package struct Membership: Hashable, Sendable {
    /// Whether the caller is in the organization's team Owners.
    package let isOwner: Bool
    /// The highest package permission of the caller's teams.
    package let packages: Permission

    /// Creates a membership.
    package init(isOwner: Bool, packages: Permission) {
        self.isOwner = isOwner
        self.packages = packages
    }
}
