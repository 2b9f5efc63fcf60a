// SPDX-License-Identifier: Apache-2.0

/// The profile of a user or an organization.
package struct OwnerProfile: Hashable, Sendable {
    package let owner: Owner
    package let details: OwnerDetails
    package let createdAt: Timestamp
    /// The address of the user, or the contact of the organization; may be empty.
    package let email: String
    /// The account of a user; nil for an organization.
    package let account: Account?
    /// Whether only administrators may see the address.
    package let isEmailHidden: Bool

    package init(
        owner: Owner,
        details: OwnerDetails,
        createdAt: Timestamp,
        email: String,
        account: Account?,
        isEmailHidden: Bool
    ) {
        self.owner = owner
        self.details = details
        self.createdAt = createdAt
        self.email = email
        self.account = account
        self.isEmailHidden = isEmailHidden
    }
}

/// The texts in an owner's profile; each may be empty.
package struct OwnerDetails: Hashable, Sendable {
    package let fullName: String
    package let description: String
    package let website: String
    package let location: String

    /// Describes an owner.
    package init(fullName: String = "", description: String = "", website: String = "", location: String = "") {
        self.fullName = fullName
        self.description = description
        self.website = website
        self.location = location
    }
}

/// A change of an owner; nil leaves a property as it is.
package struct OwnerChange: Sendable {
    package var fullName: String?
    package var description: String?
    package var website: String?
    package var location: String?
    package var visibility: Visibility?
    /// The contact of an organization; users have an `EmailAddress`.
    package var contactEmail: String?

    /// Changes nothing yet.
    package init() {}
}
