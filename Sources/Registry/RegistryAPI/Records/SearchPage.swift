// SPDX-License-Identifier: Apache-2.0

/// One page of what a search found: packages, or files when it was for content.
package struct SearchPage: JSONRecord, Codable, Hashable {
    package static let recordName = "SearchPage"

    package static let fields: [JSONField<SearchPage>] = [
        JSONField("packages", \.packages),
        JSONField("files", \.files),
        .omittable("next", \.next),
    ]

    /// The packages in the order of their names.
    package let packages: [PackageRecord]

    /// The files with the content that was looked for, the one published first first.
    package let files: [FoundFileRecord]

    /// The key to ask for the next page with, or nil on the last one.
    package let next: String?

    /// Creates the record from its parts.
    package init(packages: [PackageRecord] = [], files: [FoundFileRecord] = [], next: String?) {
        self.packages = packages
        self.files = files
        self.next = next
    }
}

/// One file that was found by its content.
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

    /// The version as it was published.
    package let version: String

    /// The file's name as it was published.
    package let file: String

    /// The size in bytes.
    package let sizeInBytes: Int64

    /// When it was published, RFC 3339 in UTC.
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
