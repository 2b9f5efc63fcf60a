// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A user that is to be created.
package struct NewUser: Sendable {
    package let name: OwnerName
    package let email: EmailAddress
    /// The hash that `PasswordHasher` computed.
    package let passwordHash: String
    package let isAdministrator: Bool
    package let visibility: Visibility
    package let isRestricted: Bool
    package let mustChangePassword: Bool
    /// The profile, if the user has any.
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

/// The outcome of creating a user.
package enum UserCreation: Hashable, Sendable {
    case created(User)
    /// A user or an organization has the name.
    case nameTaken
    case emailTaken
}

/// The outcome of changing a user.
package enum UserChangeOutcome: Hashable, Sendable {
    case updated(User)
    case notFound
    /// The user is the only administrator who can sign in; nothing was changed.
    case lastAdministrator
    /// Another user has the e-mail address; nothing was changed.
    case emailTaken
}
