// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The account of a credential.
package struct AccountRecord: JSONRecord, Decodable, Hashable {
    package static let recordName = "Account"

    package static let fields: [JSONField<AccountRecord>] = [
        JSONField("login", \.login),
        JSONField("is_admin", \.isAdmin),
        .omittable("scopes", \.scopes),
    ]

    package let login: String
    package let isAdmin: Bool
    /// The scopes of the access token, or nil when the credential is a password.
    package let scopes: [String]?
}

extension AccountRecord {
    package init(_ account: Account, scopes: ScopeSet?) {
        self.init(login: account.name.text, isAdmin: account.isAdministrator, scopes: scopes?.names)
    }
}
