// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A user or an organization, whose packages live under its name.
package struct Owner: Hashable, Sendable {
    /// What an owner can be.
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
}

/// How the removal of an owner ended.
package enum OwnerRemoval: Hashable, Sendable {
    case removed
    case notFound
    /// It still has packages.
    case ownsPackages
    /// The user is the only owner of this organization.
    case lastOwner(of: OwnerName)
    /// The user is the only administrator who can sign in.
    case lastAdministrator
}
