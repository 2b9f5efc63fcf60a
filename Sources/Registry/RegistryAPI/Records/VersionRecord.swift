// SPDX-License-Identifier: Apache-2.0

/// One version with all its files.
package struct VersionRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "Version"

    package static let fields: [JSONField<VersionRecord>] = [
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("version", \.version),
        .omittable("creator", \.creator),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("files", \.files),
    ]

    /// The owner's name.
    package let owner: String

    /// The package's name.
    package let name: String

    /// The version as published.
    package let version: String

    /// The account that published the version, or nil when the account no longer exists.
    package let creator: String?

    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String

    /// The files, sorted by name.
    package let files: [FileRecord]

    /// Creates the record from its parts.
    package init(
        owner: String,
        name: String,
        version: String,
        creator: String?,
        createdAt: String,
        files: [FileRecord]
    ) {
        self.owner = owner
        self.name = name
        self.version = version
        self.creator = creator
        self.createdAt = createdAt
        self.files = files
    }

    private enum CodingKeys: String, CodingKey {
        case owner
        case name
        case version
        case creator
        case createdAt = "created_at"
        case files
    }
}
