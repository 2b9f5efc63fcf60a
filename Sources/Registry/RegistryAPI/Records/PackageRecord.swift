// SPDX-License-Identifier: Apache-2.0

/// One package in a list.
package struct PackageRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "PackageSummary"

    package static let fields: [JSONField<PackageRecord>] = [
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("version_count", \.versionCount),
        .omittable("latest_version", \.latestVersion),
        JSONField("created_at", \.createdAt, as: .time),
    ]

    /// The owner's name.
    package let owner: String

    /// The package's name.
    package let name: String

    /// The number of versions of the package.
    package let versionCount: Int64

    /// The highest release by SemVer, else the highest pre-release, else the most recently published version; nil without versions.
    package let latestVersion: String?

    /// The time of the package's first publication, RFC 3339 in UTC.
    package let createdAt: String

    /// Creates the record from its parts.
    package init(owner: String, name: String, versionCount: Int64, latestVersion: String?, createdAt: String) {
        self.owner = owner
        self.name = name
        self.versionCount = versionCount
        self.latestVersion = latestVersion
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey {
        case owner
        case name
        case versionCount = "version_count"
        case latestVersion = "latest_version"
        case createdAt = "created_at"
    }
}
