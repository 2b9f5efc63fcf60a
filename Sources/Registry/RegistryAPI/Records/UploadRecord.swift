// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A resumable upload with its progress.
package struct UploadRecord: JSONRecord, Decodable, Hashable {
    package static let recordName = "Upload"

    package static let fields: [JSONField<UploadRecord>] = [
        JSONField("id", \.id, as: .hexadecimal(32)),
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("version", \.version),
        JSONField("file", \.file),
        JSONField("draft", \.draft),
        .omittable("size", \.size),
        JSONField("offset", \.offset),
        JSONField("published", \.published),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("expires_at", \.expiresAt, as: .time),
    ]

    /// The identifier at the end of the upload's URL.
    package let id: String
    package let owner: String
    /// The package's name.
    package let name: String
    package let version: String
    /// The file's name.
    package let file: String
    /// Whether the file goes to a draft instead of being published.
    package let draft: Bool
    /// The size of the whole file in bytes; nil while the client has not stated it.
    package let size: Int64?
    /// The number of durable bytes, from which the client resumes.
    package let offset: Int64
    /// Whether the upload is complete and the file is published or in its draft.
    package let published: Bool
    /// The start of the upload, RFC 3339 in UTC.
    package let createdAt: String
    /// The time at which the upload expires unless more bytes arrive, RFC 3339 in UTC.
    package let expiresAt: String
}

extension UploadRecord {
    package init(_ upload: StoredUpload) {
        self.init(
            id: upload.id.text,
            owner: upload.file.owner.text,
            name: upload.file.package.text,
            version: upload.file.version.text,
            file: upload.file.file.text,
            draft: upload.isDraft,
            size: upload.sizeInBytes,
            offset: upload.offset,
            published: upload.isComplete,
            createdAt: upload.createdAt.iso8601,
            expiresAt: upload.expiresAt.iso8601
        )
    }
}

/// One page of an owner's incomplete uploads, sorted by identifier.
package struct UploadPage: JSONRecord {
    package static let recordName = "UploadPage"

    package static let fields: [JSONField<UploadPage>] = [
        JSONField("owner", \.owner.text),
        JSONField("uploads", \.uploads),
        .omittable("next", \.next),
    ]

    private let owner: OwnerName
    private let uploads: [UploadRecord]
    /// The key for the next page, or nil on the last one.
    private let next: String?

    package init(_ uploads: some Sequence<StoredUpload>, of owner: OwnerName, next: String?) {
        self.owner = owner
        self.uploads = uploads.map { UploadRecord($0) }
        self.next = next
    }
}
