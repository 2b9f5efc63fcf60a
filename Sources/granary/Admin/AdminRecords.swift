// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

/// A user, as `--format json` prints it.
struct AdminUserRecord: Encodable, Sendable {
    let name: String
    let email: String
    let admin: Bool
    let active: Bool
    let loginProhibited: Bool
    let restricted: Bool
    let visibility: String
    let createdAt: String
    /// The generated password, at the only moment at which it is known.
    var password: String?

    private enum CodingKeys: String, CodingKey {
        case name, email, admin, active, restricted, visibility, password
        case loginProhibited = "login_prohibited"
        case createdAt = "created_at"
    }

    init(_ user: User, password: String? = nil) {
        name = user.account.name.text
        email = user.email.text
        admin = user.account.isAdministrator
        active = user.account.isActive
        loginProhibited = user.account.isLoginProhibited
        restricted = user.account.isRestricted
        visibility = user.visibility.rawValue
        createdAt = user.createdAt.iso8601
        self.password = password
    }
}

/// An organization, as `--format json` prints it.
struct AdminOrganizationRecord: Encodable, Sendable {
    let name: String
    let visibility: String

    init(_ organization: Owner) {
        name = organization.name.text
        visibility = organization.visibility.rawValue
    }
}

/// A team and the user concerned, as `--format json` prints them.
struct AdminTeamRecord: Encodable, Sendable {
    let organization: String
    let team: String
    var packages: String?
    var user: String?
    var changed: Bool?
}

/// An access token, as `--format json` prints it.
struct AdminTokenRecord: Encodable, Sendable {
    let name: String
    let lastEight: String
    let scopes: [String]
    let createdAt: String
    let expiresAt: String?
    let lastUsedAt: String?
    /// The secret, at the only moment at which it is known.
    var token: String?

    private enum CodingKeys: String, CodingKey {
        case name, scopes, token
        case lastEight = "last_eight"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case lastUsedAt = "last_used_at"
    }

    init(_ token: AccessToken, secret: String? = nil) {
        name = token.name.text
        lastEight = token.lastEight
        scopes = token.scopes.names
        createdAt = token.createdAt.iso8601
        expiresAt = token.expiresAt?.iso8601
        lastUsedAt = token.lastUsedAt?.iso8601
        self.token = secret
    }
}

/// What was deleted, as `--format json` prints it.
struct AdminDeletionRecord: Encodable, Sendable {
    let deleted: String
}
