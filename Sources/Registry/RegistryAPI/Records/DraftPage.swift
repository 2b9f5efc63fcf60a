// SPDX-License-Identifier: Apache-2.0

/// One page of an owner's drafts.
package struct DraftPage: JSONRecord, Codable, Hashable {
    package static let recordName = "DraftPage"

    package static let fields: [JSONField<DraftPage>] = [
        JSONField("owner", \.owner),
        JSONField("drafts", \.drafts),
        .omittable("next", \.next),
    ]

    /// The owner's name.
    package let owner: String

    /// The drafts, oldest first.
    package let drafts: [DraftSummary]

    /// The key for the next page, or nil on the last one.
    package let next: String?

    /// Creates the record from its parts.
    package init(owner: String, drafts: [DraftSummary], next: String?) {
        self.owner = owner
        self.drafts = drafts
        self.next = next
    }
}

/// A draft in a list.
package struct DraftSummary: JSONRecord, Codable, Hashable {
    package static let recordName = "DraftSummary"

    package static let fields: [JSONField<DraftSummary>] = [
        JSONField("name", \.name),
        JSONField("version", \.version),
        .omittable("creator", \.creator),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("expires_at", \.expiresAt, as: .time),
        JSONField("file_count", \.fileCount),
        JSONField("size", \.sizeInBytes),
    ]

    /// The package's name.
    package let name: String

    /// The version that the draft will be published as.
    package let version: String

    /// The account that started the draft, or nil when the account no longer exists.
    package let creator: String?

    /// The time of the first file, RFC 3339 in UTC.
    package let createdAt: String

    /// The time at which the draft expires unless another file arrives, RFC 3339 in UTC.
    package let expiresAt: String

    /// The number of files so far.
    package let fileCount: Int64

    /// The total size of all files in bytes.
    package let sizeInBytes: Int64

    /// Creates the record from its parts.
    package init(
        name: String,
        version: String,
        creator: String?,
        createdAt: String,
        expiresAt: String,
        fileCount: Int64,
        sizeInBytes: Int64
    ) {
        self.name = name
        self.version = version
        self.creator = creator
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.fileCount = fileCount
        self.sizeInBytes = sizeInBytes
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case version
        case creator
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case fileCount = "file_count"
        case sizeInBytes = "size"
    }
}
