// SPDX-License-Identifier: Apache-2.0

/// One published file; the digests are lower-case hexadecimal.
package struct FileRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "File"

    package static let fields: [JSONField<FileRecord>] = [
        JSONField("name", \.name),
        JSONField("size", \.sizeInBytes),
        .omittable("md5", \.md5, as: .hexadecimal(32)),
        .omittable("sha1", \.sha1, as: .hexadecimal(40)),
        JSONField("sha256", \.sha256, as: .hexadecimal(64)),
        .omittable("sha512", \.sha512, as: .hexadecimal(128)),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("download_count", \.downloadCount),
    ]

    /// The file's name as it was published.
    package let name: String

    /// The size in bytes.
    package let sizeInBytes: Int64

    /// The MD5 digest, or nil when the content cannot be read.
    package let md5: String?

    /// The SHA-1 digest, or nil when the content cannot be read.
    package let sha1: String?

    /// The SHA-256 digest, which is also the file's entity tag.
    package let sha256: String

    /// The SHA-512 digest, or nil when the content cannot be read.
    package let sha512: String?

    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String

    /// The number of complete downloads.
    package let downloadCount: Int64

    /// Creates the record from its parts.
    package init(
        name: String,
        sizeInBytes: Int64,
        md5: String?,
        sha1: String?,
        sha256: String,
        sha512: String?,
        createdAt: String,
        downloadCount: Int64
    ) {
        self.name = name
        self.sizeInBytes = sizeInBytes
        self.md5 = md5
        self.sha1 = sha1
        self.sha256 = sha256
        self.sha512 = sha512
        self.createdAt = createdAt
        self.downloadCount = downloadCount
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case sizeInBytes = "size"
        case md5
        case sha1
        case sha256
        case sha512
        case createdAt = "created_at"
        case downloadCount = "download_count"
    }
}
