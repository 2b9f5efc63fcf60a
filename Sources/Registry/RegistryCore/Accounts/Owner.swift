// SPDX-License-Identifier: Apache-2.0

/// A user or an organization, whose packages live under its name.
package struct Owner: Hashable, Sendable {
    /// The kinds of owners.
    package enum Kind: String, CaseIterable, Sendable {
        case user
        case organization
    }

    package let id: Int64
    package let name: OwnerName
    package let kind: Kind
    package let visibility: Visibility
    /// The contract of its packages; nil for the registry's default.
    package let contract: PublishContract.Name?

    package init(
        id: Int64,
        name: OwnerName,
        kind: Kind,
        visibility: Visibility,
        contract: PublishContract.Name?
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.visibility = visibility
        self.contract = contract
    }
}
