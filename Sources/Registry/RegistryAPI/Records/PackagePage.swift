// SPDX-License-Identifier: Apache-2.0

import RegistryCore

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
    package let packages: [PackageRecord]

    /// The key for the next page, or nil on the last one.
    package let next: String?

    /// Creates the record from its parts.
    package init(owner: String, contract: String, packages: [PackageRecord], next: String?) {
        self.owner = owner
        self.contract = contract
        self.packages = packages
        self.next = next
    }
}
