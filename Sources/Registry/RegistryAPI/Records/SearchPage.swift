// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// One page of a search result: packages, or files when the search is for content.
package struct SearchPage: JSONRecord, Codable, Hashable {
    package static let recordName = "SearchPage"

    package static let fields: [JSONField<SearchPage>] = [
        JSONField("packages", \.packages),
        JSONField("files", \.files),
        .omittable("next", \.next),
    ]

    /// The packages, sorted by name.
    package var packages: [PackageRecord] = []
    /// The files with the searched content, oldest first.
    package var files: [FoundFileRecord] = []
    /// The key for the next page, or nil on the last one.
    package var next: String?
}

extension SearchPage {
    package init(_ packages: some Sequence<FoundPackage>, next: String?) {
        self.init(packages: packages.map { PackageRecord($0.package, owner: $0.owner) }, next: next)
    }

    package init(_ files: some Sequence<FoundFile>, next: String?) {
        self.init(files: files.map { FoundFileRecord($0) }, next: next)
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
        JSONField("size", \.size),
        JSONField("created_at", \.createdAt, as: .time),
    ]

    package let owner: String
    /// The package's name.
    package let name: String
    package let version: String
    /// The file's name as published.
    package let file: String
    /// The size in bytes.
    package let size: Int64
    /// The publication time, RFC 3339 in UTC.
    package let createdAt: String
}

extension FoundFileRecord {
    init(_ found: FoundFile) {
        self.init(
            owner: found.coordinate.owner.text,
            name: found.coordinate.package.text,
            version: found.coordinate.version.text,
            file: found.coordinate.file.text,
            size: found.sizeInBytes,
            createdAt: found.createdAt.iso8601
        )
    }
}
