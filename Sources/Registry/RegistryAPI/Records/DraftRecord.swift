// SPDX-License-Identifier: Apache-2.0

/// An unpublished version with its files so far.
package struct DraftRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "Draft"

    package static let fields: [JSONField<DraftRecord>] = [
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("version", \.version),
        .omittable("creator", \.creator),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("expires_at", \.expiresAt, as: .time),
        JSONField("size", \.sizeInBytes),
        JSONField("files", \.files),
    ]

    /// The owner's name.
    package let owner: String

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

    /// The total size of all files in bytes.
    package let sizeInBytes: Int64

    /// The files, sorted by name.
    package let files: [DraftFileRecord]

    /// Creates the record from its parts.
    package init(
        owner: String,
        name: String,
        version: String,
        creator: String?,
        createdAt: String,
        expiresAt: String,
        sizeInBytes: Int64,
        files: [DraftFileRecord]
    ) {
        self.owner = owner
        self.name = name
        self.version = version
        self.creator = creator
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.sizeInBytes = sizeInBytes
        self.files = files
    }

    private enum CodingKeys: String, CodingKey {
        case owner
        case name
        case version
        case creator
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case sizeInBytes = "size"
        case files
    }
}

/// One file of a draft.
package struct DraftFileRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "DraftFile"

    package static let fields: [JSONField<DraftFileRecord>] = [
        JSONField("name", \.name),
        JSONField("size", \.sizeInBytes),
        JSONField("sha256", \.sha256, as: .hexadecimal(64)),
        JSONField("created_at", \.createdAt, as: .time),
    ]

    /// The file's name as given.
    package let name: String

    /// The size in bytes.
    package let sizeInBytes: Int64

    /// The SHA-256 digest in lower-case hexadecimal.
    package let sha256: String

    /// The time of the upload, RFC 3339 in UTC.
    package let createdAt: String

    /// Creates the record from its parts.
    package init(name: String, sizeInBytes: Int64, sha256: String, createdAt: String) {
        self.name = name
        self.sizeInBytes = sizeInBytes
        self.sha256 = sha256
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case sizeInBytes = "size"
        case sha256
        case createdAt = "created_at"
    }
}
