// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// An unpublished version with its files so far.
package struct DraftRecord: JSONRecord, Decodable, Hashable {
    package static let recordName = "Draft"

    package static let fields: [JSONField<DraftRecord>] = [
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("version", \.version),
        .omittable("creator", \.creator),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("expires_at", \.expiresAt, as: .time),
        JSONField("size", \.size),
        JSONField("files", \.files),
    ]

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
    package let size: Int64
    /// The files, sorted by name.
    package let files: [DraftFileRecord]
}

extension DraftRecord {
    /// Creates the record without its files.
    package init(_ draft: StoredDraft, owner: OwnerName) {
        self.init(
            owner: owner.text,
            name: draft.package.text,
            version: draft.version.text,
            creator: draft.creator?.text,
            createdAt: draft.createdAt.iso8601,
            expiresAt: draft.expiresAt.iso8601,
            size: draft.sizeInBytes,
            files: []
        )
    }
}

/// One file of a draft.
package struct DraftFileRecord: JSONRecord, Decodable, Hashable {
    package static let recordName = "DraftFile"

    package static let fields: [JSONField<DraftFileRecord>] = [
        JSONField("name", \.name),
        JSONField("size", \.size),
        JSONField("sha256", \.sha256, as: .hexadecimal(64)),
        JSONField("created_at", \.createdAt, as: .time),
    ]

    package let name: String
    /// The size in bytes.
    package let size: Int64
    /// The SHA-256 digest in lower-case hexadecimal.
    package let sha256: String
    /// The time of the upload, RFC 3339 in UTC.
    package let createdAt: String
}

extension DraftFileRecord {
    package init(_ file: DraftFile) {
        self.init(
            name: file.name.text,
            size: file.sizeInBytes,
            sha256: file.sha256.hex,
            createdAt: file.createdAt.iso8601
        )
    }
}

/// One page of an owner's drafts, oldest first.
package struct DraftPage: JSONRecord {
    package static let recordName = "DraftPage"

    package static let fields: [JSONField<DraftPage>] = [
        JSONField("owner", \.owner.text),
        JSONField("drafts", \.drafts),
        .omittable("next", \.next),
    ]

    private let owner: OwnerName
    private let drafts: [DraftSummary]
    /// The key for the next page, or nil on the last one.
    private let next: String?

    package init(_ drafts: some Sequence<StoredDraft>, of owner: OwnerName, next: String?) {
        self.owner = owner
        self.drafts = drafts.map { DraftSummary(draft: $0) }
        self.next = next
    }
}

/// A draft in a list.
package struct DraftSummary: JSONRecord {
    package static let recordName = "DraftSummary"

    package static let fields: [JSONField<DraftSummary>] = [
        JSONField("name", \.draft.package.text),
        JSONField("version", \.draft.version.text),
        .omittable("creator", \.draft.creator?.text),
        JSONField("created_at", \.draft.createdAt),
        JSONField("expires_at", \.draft.expiresAt),
        JSONField("file_count", \.draft.fileCount),
        JSONField("size", \.draft.sizeInBytes),
    ]

    let draft: StoredDraft
}
