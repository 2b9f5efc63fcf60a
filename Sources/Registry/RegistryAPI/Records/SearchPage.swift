// SPDX-License-Identifier: Apache-2.0

/// One page of a search result: packages, or files when the search is for content.
package struct SearchPage: JSONRecord, Codable, Hashable {
    package static let recordName = "SearchPage"

    package static let fields: [JSONField<SearchPage>] = [
        JSONField("packages", \.packages),
        JSONField("files", \.files),
        .omittable("next", \.next),
    ]

    /// The packages, sorted by name.
    package let packages: [PackageRecord]

    /// The files with the searched content, oldest first.
    package let files: [FoundFileRecord]

    /// The key for the next page, or nil on the last one.
    package let next: String?

    /// Creates the record from its parts.
    package init(packages: [PackageRecord] = [], files: [FoundFileRecord] = [], next: String?) {
        self.packages = packages
        self.files = files
        self.next = next
    }
}

/// A file found by its content.
package struct FoundFileRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "FoundFile"

    package static let fields: [JSONField<FoundFileRecord>] = [
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("version", \.version),
        JSONField("file", \.file),
        JSONField("size", \.sizeInBytes),
        JSONField("created_at", \.createdAt, as: .time),
    ]

    /// The owner's name.
    package let owner: String

    /// The package's name.
    package let name: String

    /// The version as published.
    package let version: String

    /// The file's name as published.
    package let file: String

    /// The size in bytes.
    package let sizeInBytes: Int64

    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String

    /// Creates the record from its parts.
    package init(owner: String, name: String, version: String, file: String, sizeInBytes: Int64, createdAt: String) {
        self.owner = owner
        self.name = name
        self.version = version
        self.file = file
        self.sizeInBytes = sizeInBytes
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey {
        case owner
        case name
        case version
        case file
        case sizeInBytes = "size"
        case createdAt = "created_at"
    }
}
