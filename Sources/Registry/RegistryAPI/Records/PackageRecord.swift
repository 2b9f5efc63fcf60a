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

    /// How many versions the package has.
    package let versionCount: Int64

    /// The highest release by SemVer, else the highest pre-release, else the version published last; nil without any.
    package let latestVersion: String?

    /// When the package was first published, RFC 3339 in UTC.
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
