// SPDX-License-Identifier: Apache-2.0

/// A user, with the account that signs in.
package struct User: Hashable, Sendable {
    package let account: Account
    package let email: EmailAddress
    package let visibility: Visibility
    package let createdAt: Timestamp

    package init(account: Account, email: EmailAddress, visibility: Visibility, createdAt: Timestamp) {
        self.account = account
        self.email = email
        self.visibility = visibility
        self.createdAt = createdAt
    }
}

/// A change of a user; nil leaves a property as it is.
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
    /// The change of the profile; its visibility is the one above.
    package var details = OwnerChange()

    /// Changes nothing yet.
    package init() {}

    /// Whether the user could no longer act as an administrator.
    package var endsAdministration: Bool {
        isAdministrator == false || isActive == false || isLoginProhibited == true
    }
}
