// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

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

    package let owner: String
    package let name: String
    /// The version as published.
    package let version: String
    /// The account that published the version, or nil when the account no longer exists.
    package let creator: String?
    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String
    /// The files, sorted by name.
    package let files: [FileRecord]
}

extension VersionRecord {
    /// Creates the record without its files.
    package init(_ version: StoredVersion, of package: PackageName, owner: OwnerName) {
        self.init(
            owner: owner.text,
            name: package.text,
            version: version.version.text,
            creator: version.creator?.text,
            createdAt: version.createdAt.iso8601,
            files: []
        )
    }
}

/// One published file; the digests are lower-case hexadecimal.
package struct FileRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "File"

    package static let fields: [JSONField<FileRecord>] = [
        JSONField("name", \.name),
        JSONField("size", \.size),
        .omittable("md5", \.md5, as: .hexadecimal(32)),
        .omittable("sha1", \.sha1, as: .hexadecimal(40)),
        JSONField("sha256", \.sha256, as: .hexadecimal(64)),
        .omittable("sha512", \.sha512, as: .hexadecimal(128)),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("download_count", \.downloadCount),
    ]

    /// The file's name as published.
    package let name: String
    /// The size in bytes.
    package let size: Int64
    /// The MD5 digest; like SHA-1 and SHA-512, nil when the content cannot be read.
    package let md5: String?
    package let sha1: String?
    /// The SHA-256 digest, which is also the file's entity tag.
    package let sha256: String
    package let sha512: String?
    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String
    /// The number of complete downloads.
    package let downloadCount: Int64
}

extension FileRecord {
    package init(_ file: StoredFile, digests: FileDigests?) {
        self.init(
            name: file.name.text,
            size: file.blob.sizeInBytes,
            md5: digests?.md5.hex,
            sha1: digests?.sha1.hex,
            sha256: file.blob.sha256.hex,
            sha512: digests?.sha512.hex,
            createdAt: file.createdAt.iso8601,
            downloadCount: file.downloadCount
        )
    }
}

/// One page of a package's versions.
package struct VersionPage: JSONRecord, Codable, Hashable {
    package static let recordName = "VersionPage"

    package static let fields: [JSONField<VersionPage>] = [
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("versions", \.versions),
        .omittable("next", \.next),
    ]

    package let owner: String
    package let name: String
    /// The versions in the requested order, by default most recently published first.
    package var versions: [VersionSummary]
    /// The key for the next page, or nil on the last one.
    package var next: String?
}

extension VersionPage {
    package init(
        _ versions: some Sequence<StoredVersion>,
        of package: PackageName,
        owner: OwnerName,
        next: String?
    ) {
        self.init(
            owner: owner.text,
            name: package.text,
            versions: versions.map { VersionSummary($0) },
            next: next
        )
    }
}

/// One version in a list.
package struct VersionSummary: JSONRecord, Codable, Hashable {
    package static let recordName = "VersionSummary"

    package static let fields: [JSONField<VersionSummary>] = [
        JSONField("version", \.version),
        .omittable("creator", \.creator),
        JSONField("created_at", \.createdAt, as: .time),
        JSONField("file_count", \.fileCount),
        JSONField("size", \.size),
    ]

    /// The version as published.
    package let version: String
    /// The account that published the version, or nil when the account no longer exists.
    package let creator: String?
    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String
    package let fileCount: Int64
    /// The total size of all files in bytes.
    package let size: Int64
}

extension VersionSummary {
    init(_ version: StoredVersion) {
        self.init(
            version: version.version.text,
            creator: version.creator?.text,
            createdAt: version.createdAt.iso8601,
            fileCount: version.fileCount,
            size: version.sizeInBytes
        )
    }
}
