// SPDX-License-Identifier: Apache-2.0

/// The account of a credential.
package struct AccountRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "Account"

    package static let fields: [JSONField<AccountRecord>] = [
        JSONField("login", \.login),
        JSONField("is_admin", \.isAdmin),
        .omittable("scopes", \.scopes),
    ]

    /// The account's name.
    package let login: String

    /// Whether the account administers the registry.
    package let isAdmin: Bool

    /// The scopes of the access token, or nil when the credential is a password.
    package let scopes: [String]?

    /// Creates the record from its parts.
    package init(login: String, isAdmin: Bool, scopes: [String]?) {
        self.login = login
        self.isAdmin = isAdmin
        self.scopes = scopes
    }

    private enum CodingKeys: String, CodingKey {
        case login
        case isAdmin = "is_admin"
        case scopes
    }
}
