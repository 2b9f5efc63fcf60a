// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// One page of an owner's packages, and the rules its owner publishes by.
package struct PackagePage: JSONRecord, Codable, Hashable {
    package static let recordName = "PackagePage"

    package static let fields: [JSONField<PackagePage>] = [
        JSONField("owner", \.owner),
        JSONField("contract", \.contract, as: .word(PublishContract.Name.allCases.map(\.rawValue))),
        JSONField("packages", \.packages),
        .omittable("next", \.next),
    ]

    /// The owner's name as it was registered.
    package let owner: String

    /// The publish contract in force for the owner: `documented` or `current`.
    package let contract: String

    /// The packages in the order of their names.
    package let packages: [PackageRecord]

    /// The key to ask for the next page with, or nil on the last one.
    package let next: String?

    /// Creates the record from its parts.
    package init(owner: String, contract: String, packages: [PackageRecord], next: String?) {
        self.owner = owner
        self.contract = contract
        self.packages = packages
        self.next = next
    }
}
