// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// What is shown of a user or an organization.
package struct OwnerProfile: Hashable, Sendable {
    package let owner: Owner
    package let details: OwnerDetails
    package let createdAt: Timestamp
    /// The address of the user, or the contact of the organization, which may be empty.
    package let email: String
    /// The account of a user; nil for an organization.
    package let account: Account?
    /// Whether others than administrators do not get to see the address.
    package let isEmailHidden: Bool
}

/// What an owner says about itself; each text may be empty.
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

/// What is to change in an owner; nil leaves a property as it is.
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

/// How the change of an organization ended.
package enum OrganizationUpdate: Hashable, Sendable {
    case updated
    case notFound
}

/// How giving an owner another name ended.
package enum OwnerRename: Hashable, Sendable {
    case renamed
    case notFound
    /// Another owner has the name.
    case nameTaken
}
