// SPDX-License-Identifier: Apache-2.0

/// A resumable upload with its progress.
package struct UploadRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "Upload"

    package static let fields: [JSONField<UploadRecord>] = [
        JSONField("id", \.id, as: .hexadecimal(32)),
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("version", \.version),
        JSONField("file", \.file),
        JSONField("draft", \.isDraft),
        .omittable("size", \.sizeInBytes),
        JSONField("offset", \.offset),
        JSONField("published", \.isPublished),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("expires_at", \.expiresAt, as: .time),
    ]

    /// The identifier at the end of the upload's URL.
    package let id: String

    /// The owner's name.
    package let owner: String

    /// The package's name.
    package let name: String

    /// The version.
    package let version: String

    /// The file's name.
    package let file: String

    /// Whether the file goes to a draft instead of being published.
    package let isDraft: Bool

    /// The size of the whole file in bytes; nil while the client has not stated it.
    package let sizeInBytes: Int64?

    /// The number of durable bytes, from which the client resumes.
    package let offset: Int64

    /// Whether the upload is complete and the file is published or in its draft.
    package let isPublished: Bool

    /// The start of the upload, RFC 3339 in UTC.
    package let createdAt: String

    /// The time at which the upload expires unless more bytes arrive, RFC 3339 in UTC.
    package let expiresAt: String

    /// Creates the record from its parts.
    package init(
        id: String,
        owner: String,
        name: String,
        version: String,
        file: String,
        isDraft: Bool,
        sizeInBytes: Int64?,
        offset: Int64,
        isPublished: Bool,
        createdAt: String,
        expiresAt: String
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.version = version
        self.file = file
        self.isDraft = isDraft
        self.sizeInBytes = sizeInBytes
        self.offset = offset
        self.isPublished = isPublished
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case owner
        case name
        case version
        case file
        case isDraft = "draft"
        case sizeInBytes = "size"
        case offset
        case isPublished = "published"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
    }
}

/// One page of an owner's incomplete uploads.
package struct UploadPage: JSONRecord, Codable, Hashable {
    package static let recordName = "UploadPage"

    package static let fields: [JSONField<UploadPage>] = [
        JSONField("owner", \.owner),
        JSONField("uploads", \.uploads),
        .omittable("next", \.next),
    ]

    /// The owner's name.
    package let owner: String

    /// The uploads, sorted by identifier.
    package let uploads: [UploadRecord]

    /// The key for the next page, or nil on the last one.
    package let next: String?

    /// Creates the record from its parts.
    package init(owner: String, uploads: [UploadRecord], next: String?) {
        self.owner = owner
        self.uploads = uploads
        self.next = next
    }
}
