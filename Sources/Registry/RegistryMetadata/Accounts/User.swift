// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A user as administrators see it.
package struct User: Hashable, Sendable {
    package let account: Account
    package let email: EmailAddress
    package let visibility: Visibility
    package let createdAt: Timestamp
}

/// A user that is to be created.
package struct NewUser: Sendable {
    package let name: OwnerName
    package let email: EmailAddress
    /// What `PasswordHasher` made of the password.
    package let passwordHash: String
    package let isAdministrator: Bool
    package let visibility: Visibility
    package let isRestricted: Bool
    package let mustChangePassword: Bool
    /// What the user says about itself, if anything.
    package let details: OwnerChange?

    /// Describes the user.
    package init(
        name: OwnerName,
        email: EmailAddress,
        passwordHash: String,
        isAdministrator: Bool,
        visibility: Visibility,
        isRestricted: Bool = false,
        mustChangePassword: Bool = false,
        details: OwnerChange? = nil
    ) {
        self.name = name
        self.email = email
        self.passwordHash = passwordHash
        self.isAdministrator = isAdministrator
        self.visibility = visibility
        self.isRestricted = isRestricted
        self.mustChangePassword = mustChangePassword
        self.details = details
    }
}

/// What is to change in a user; nil leaves a property as it is.
package struct UserChange: Sendable {
    package var passwordHash: String?
    package var isAdministrator: Bool?
    package var isActive: Bool?
    package var isLoginProhibited: Bool?
    package var isRestricted: Bool?
    package var mustChangePassword: Bool?
    package var isEmailHidden: Bool?
    package var email: EmailAddress?
    package var visibility: Visibility?
    /// What the user says about itself; its visibility is the one above.
    package var details = OwnerChange()

    /// Changes nothing yet.
    package init() {}

    /// Whether the user could not act as an administrator any more.
    var endsAdministration: Bool {
        isAdministrator == false || isActive == false || isLoginProhibited == true
    }
}

/// How the creation of a user ended.
package enum UserCreation: Hashable, Sendable {
    case created(User)
    /// A user or an organization has the name.
    case nameTaken
    case emailTaken
}

/// How the change of a user ended.
package enum UserUpdate: Hashable, Sendable {
    case updated(User)
    case notFound
    /// The user is the only administrator who can sign in; nothing was changed.
    case lastAdministrator
    /// Another user has the e-mail address; nothing was changed.
    case emailTaken
}
