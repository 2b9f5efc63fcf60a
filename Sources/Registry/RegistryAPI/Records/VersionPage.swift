// SPDX-License-Identifier: Apache-2.0

/// One page of a package's versions.
package struct VersionPage: JSONRecord, Codable, Hashable {
    package static let recordName = "VersionPage"

    package static let fields: [JSONField<VersionPage>] = [
        JSONField("owner", \.owner),
        JSONField("name", \.name),
        JSONField("versions", \.versions),
        .omittable("next", \.next),
    ]

    /// The owner's name.
    package let owner: String

    /// The package's name.
    package let name: String

    /// The versions in the requested order, by default most recently published first.
    package let versions: [VersionSummary]

    /// The key for the next page, or nil on the last one.
    package let next: String?

    /// Creates the record from its parts.
    package init(owner: String, name: String, versions: [VersionSummary], next: String?) {
        self.owner = owner
        self.name = name
        self.versions = versions
        self.next = next
    }
}
