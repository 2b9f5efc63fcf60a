// SPDX-License-Identifier: Apache-2.0

/// A user or an organization as an owner of packages.
package struct OwnerRecord: JSONRecord {
    package static let recordName = "Owner"

    package static let fields: [JSONField<OwnerRecord>] = [
        JSONField("name", \.name),
        JSONField("kind", \.kind),
        JSONField("visibility", \.visibility),
        JSONField("contract", \.contract),
        JSONField("effective_contract", \.effectiveContract),
        JSONField("limits", \.limits),
    ]

    package let name: String
    /// `user` or `organization`.
    package let kind: String
    package let visibility: String
    /// The owner's contract, or nil when the server's default applies.
    package let contract: String?
    /// The effective contract.
    package let effectiveContract: String
    /// The owner's limits, or nil for readers without write permission.
    package let limits: LimitsRecord?

    /// Creates the record from its parts.
    package init(
        name: String,
        kind: String,
        visibility: String,
        contract: String?,
        effectiveContract: String,
        limits: LimitsRecord?
    ) {
        self.name = name
        self.kind = kind
        self.visibility = visibility
        self.contract = contract
        self.effectiveContract = effectiveContract
        self.limits = limits
    }
}

/// The limits of an owner: its own or the effective ones.
package struct LimitsRecord: JSONRecord {
    package static let recordName = "Limits"

    package static let fields: [JSONField<LimitsRecord>] = [
        JSONField("file_size", \.fileSize),
        JSONField("total_size", \.totalSize),
        JSONField("version_count", \.versionCount),
    ]

    package let fileSize: Int64?
    package let totalSize: Int64?
    package let versionCount: Int64?

    /// Creates the record from its parts.
    package init(fileSize: Int64?, totalSize: Int64?, versionCount: Int64?) {
        self.fileSize = fileSize
        self.totalSize = totalSize
        self.versionCount = versionCount
    }
}

/// The usage of an owner with its effective limits.
package struct UsageRecord: JSONRecord {
    package static let recordName = "Usage"

    package static let fields: [JSONField<UsageRecord>] = [
        JSONField("owner", \.owner),
        JSONField("size", \.sizeInBytes),
        JSONField("version_count", \.versionCount),
        JSONField("file_count", \.fileCount),
        JSONField("reserved_size", \.reservedSizeInBytes),
        JSONField("reserved_version_count", \.reservedVersionCount),
        JSONField("limits", \.limits),
    ]

    package let owner: String
    /// The size of the content; identical content in several files counts once.
    package let sizeInBytes: Int64
    package let versionCount: Int64
    package let fileCount: Int64
    /// The size reserved by running uploads.
    package let reservedSizeInBytes: Int64
    package let reservedVersionCount: Int64
    /// The effective limits; an unlimited one is nil.
    package let limits: LimitsRecord

    /// Creates the record from its parts.
    package init(
        owner: String,
        sizeInBytes: Int64,
        versionCount: Int64,
        fileCount: Int64,
        reservedSizeInBytes: Int64,
        reservedVersionCount: Int64,
        limits: LimitsRecord
    ) {
        self.owner = owner
        self.sizeInBytes = sizeInBytes
        self.versionCount = versionCount
        self.fileCount = fileCount
        self.reservedSizeInBytes = reservedSizeInBytes
        self.reservedVersionCount = reservedVersionCount
        self.limits = limits
    }
}
