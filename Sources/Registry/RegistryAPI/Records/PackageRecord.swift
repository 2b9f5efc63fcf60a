// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// One page of an owner's packages, with the owner's publish contract.
package struct PackagePage: JSONRecord, Codable, Hashable {
    package static let recordName = "PackagePage"

    package static let fields: [JSONField<PackagePage>] = [
        JSONField("owner", \.owner),
        JSONField("contract", \.contract, as: .word(PublishContract.Name.allCases.map(\.rawValue))),
        JSONField("packages", \.packages),
        .omittable("next", \.next),
    ]

    /// The owner's name as registered.
    package let owner: String
    /// The owner's effective publish contract: `documented` or `current`.
    package let contract: String
    /// The packages, sorted by name.
    package var packages: [PackageRecord]
    /// The key for the next page, or nil on the last one.
    package var next: String?
}

extension PackagePage {
    package init(
        _ packages: some Sequence<StoredPackage>,
        of owner: Owner,
        under contract: PublishContract,
        next: String?
    ) {
        self.init(
            owner: owner.name.text,
            contract: contract.name.rawValue,
            packages: packages.map { PackageRecord($0, owner: owner.name) },
            next: next
        )
    }
}

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

    package let owner: String
    package let name: String
    package let versionCount: Int64
    /// The highest release by SemVer, else the highest pre-release, else the most recently published version; nil without versions.
    package let latestVersion: String?
    /// The time of the package's first publication, RFC 3339 in UTC.
    package let createdAt: String
}

extension PackageRecord {
    init(_ package: StoredPackage, owner: OwnerName) {
        self.init(
            owner: owner.text,
            name: package.name.text,
            versionCount: package.versionCount,
            latestVersion: package.latestVersion?.text,
            createdAt: package.createdAt.iso8601
        )
    }
}
