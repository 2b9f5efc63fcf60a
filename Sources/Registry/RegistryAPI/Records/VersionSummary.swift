// SPDX-License-Identifier: Apache-2.0

/// One version in a list.
package struct VersionSummary: JSONRecord, Codable, Hashable {
    package static let recordName = "VersionSummary"

    package static let fields: [JSONField<VersionSummary>] = [
        JSONField("version", \.version),
        .omittable("creator", \.creator),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("file_count", \.fileCount),
        JSONField("size", \.sizeInBytes),
    ]

    /// The version as published.
    package let version: String

    /// The account that published the version, or nil when the account no longer exists.
    package let creator: String?

    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String

    /// The number of files.
    package let fileCount: Int64

    /// The total size of all files in bytes.
    package let sizeInBytes: Int64

    /// Creates the record from its parts.
    package init(version: String, creator: String?, createdAt: String, fileCount: Int64, sizeInBytes: Int64) {
        self.version = version
        self.creator = creator
        self.createdAt = createdAt
        self.fileCount = fileCount
        self.sizeInBytes = sizeInBytes
    }

    private enum CodingKeys: String, CodingKey {
        case version
        case creator
        case createdAt = "created_at"
        case fileCount = "file_count"
        case sizeInBytes = "size"
    }
}
