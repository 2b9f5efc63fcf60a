// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryService

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
    let limits: AdminLimitsRecord

    init(_ owner: Owner, _ limits: OwnerLimits) {
        name = owner.name.text
        contract = owner.contract?.rawValue
        self.limits = AdminLimitsRecord(
            fileSize: limits.fileSize.number,
            totalSize: limits.totalSize.number,
            versionCount: limits.versionCount.number
        )
    }
}

/// Limits in the format of `--format json`.
struct AdminLimitsRecord: Encodable, Sendable {
    let fileSize: Int64?
    let totalSize: Int64?
    let versionCount: Int64?

    private enum CodingKeys: String, CodingKey {
        case fileSize = "file_size"
        case totalSize = "total_size"
        case versionCount = "version_count"
    }
}

/// The usage of one owner or of all owners together in the format of `--format json`.
struct AdminUsageRecord: Encodable, Sendable {
    let owner: String?
    let size: Int64
    let versionCount: Int64
    let fileCount: Int64
    let reservedSize: Int64
    let reservedVersionCount: Int64
    let limits: AdminLimitsRecord

    private enum CodingKeys: String, CodingKey {
        case owner, size, limits
        case versionCount = "version_count"
        case fileCount = "file_count"
        case reservedSize = "reserved_size"
        case reservedVersionCount = "reserved_version_count"
    }

    init(_ owned: OwnerSettings.OwnerUsage, of owner: Owner?) {
        self.owner = owner?.name.text
        size = owned.usage.size
        versionCount = owned.usage.versionCount
        fileCount = owned.usage.fileCount
        reservedSize = owned.usage.reservedSize
        reservedVersionCount = owned.usage.reservedVersionCount
        limits = AdminLimitsRecord(
            fileSize: owned.fileSize,
            totalSize: owned.quota.size,
            versionCount: owned.quota.versionCount
        )
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

/// The name of what was deleted in the format of `--format json`.
struct AdminDeletionRecord: Encodable, Sendable {
    let deleted: String
}
