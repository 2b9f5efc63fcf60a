// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore

/// A user in the format of `--format json`.
struct AdminUserRecord: Encodable, Sendable {
    let name: String
    let email: String
    let admin: Bool
    let active: Bool
    let loginProhibited: Bool
    let restricted: Bool
    let visibility: String
    let createdAt: String
    /// The generated password, which cannot be retrieved later.
    var password: String?

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

/// An organization in the format of `--format json`.
struct AdminOrganizationRecord: Encodable, Sendable {
    let name: String
    let visibility: String

    init(_ organization: Owner) {
        name = organization.name.text
        visibility = organization.visibility.rawValue
    }
}

/// An owner's own contract and limits in the format of `--format json`.
struct AdminOwnerRecord: Encodable, Sendable {
    let name: String
    let contract: String?
    let limits: LimitsRecord

    init(_ owner: Owner, _ limits: OwnerLimits) {
        name = owner.name.text
        contract = owner.contract?.rawValue
        self.limits = LimitsRecord(limits)
    }
}

/// A team and the affected user in the format of `--format json`.
struct AdminTeamRecord: Encodable, Sendable {
    let organization: String
    let team: String
    var packages: String?
    var user: String?
    var changed: Bool?
}

/// An access token in the format of `--format json`.
struct AdminTokenRecord: Encodable, Sendable {
    let name: String
    let lastEight: String
    let scopes: [String]
    let createdAt: String
    let expiresAt: String?
    let lastUsedAt: String?
    /// The secret, which cannot be retrieved later.
    var token: String?

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

/// The name of what was deleted in the format of `--format json`.
struct AdminDeletionRecord: Encodable, Sendable {
    let deleted: String
}
