// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A user or an organization as an owner of packages.
package struct OwnerRecord: JSONRecord {
    package static let recordName = "Owner"

    package static let fields: [JSONField<OwnerRecord>] = [
        JSONField("name", \.owner.name.text),
        JSONField("kind", \.owner.kind.rawValue),
        JSONField("visibility", \.owner.visibility.rawValue),
        JSONField("contract", \.owner.contract?.rawValue),
        JSONField("effective_contract", \.contract.name.rawValue),
        JSONField("limits", \.limits),
    ]

    private let owner: Owner
    private let contract: PublishContract
    private let limits: LimitsRecord?

    /// Creates the record with the contract in force and the owner's own limits, or nil for readers without write permission.
    package init(_ owner: Owner, under contract: PublishContract, limits: OwnerLimits?) {
        self.owner = owner
        self.contract = contract
        self.limits = limits.map { LimitsRecord($0) }
    }
}

/// The limits of an owner: its own or the effective ones.
package struct LimitsRecord: JSONRecord, Encodable {
    package static let recordName = "Limits"

    package static let fields: [JSONField<LimitsRecord>] = [
        JSONField("file_size", \.fileSize),
        JSONField("total_size", \.totalSize),
        JSONField("version_count", \.versionCount),
    ]

    private let fileSize: Int64?
    private let totalSize: Int64?
    private let versionCount: Int64?

    /// Creates the record of an owner's own limits, in which nil stands for the registry's default.
    package init(_ own: OwnerLimits) {
        fileSize = own.fileSize.number
        totalSize = own.totalSize.number
        versionCount = own.versionCount.number
    }

    /// Creates the record of the limits in force, in which nil stands for no limit.
    package init(fileSize: Int64?, _ quota: Quota) {
        self.fileSize = fileSize
        totalSize = quota.size
        versionCount = quota.versionCount
    }
}

/// The usage of an owner, or of all owners together, with the limits in force.
package struct UsageRecord: JSONRecord, Encodable {
    package static let recordName = "Usage"

    package static let fields: [JSONField<UsageRecord>] = [
        JSONField("owner", \.owner, as: .text),
        JSONField("size", \.size),
        JSONField("version_count", \.versionCount),
        JSONField("file_count", \.fileCount),
        JSONField("reserved_size", \.reservedSize),
        JSONField("reserved_version_count", \.reservedVersionCount),
        JSONField("limits", \.limits),
    ]

    /// The owner's name; nil for all owners together, which only a command shows.
    private let owner: String?
    private let size: Int64
    private let versionCount: Int64
    private let fileCount: Int64
    private let reservedSize: Int64
    private let reservedVersionCount: Int64
    private let limits: LimitsRecord

    package init(_ usage: Usage, of owner: Owner?, limits: LimitsRecord) {
        self.owner = owner?.name.text
        size = usage.size
        versionCount = usage.versionCount
        fileCount = usage.fileCount
        reservedSize = usage.reservedSize
        reservedVersionCount = usage.reservedVersionCount
        self.limits = limits
    }
}
