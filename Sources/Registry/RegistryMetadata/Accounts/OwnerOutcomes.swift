// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The outcome of removing an owner.
package enum OwnerRemoval: Hashable, Sendable {
    case removed
    case notFound
    /// The owner still has packages or drafts.
    case ownsPackages
    /// The user is the only owner of this organization.
    case lastOwner(of: OwnerName)
    /// The user is the only administrator who can sign in.
    case lastAdministrator
}

/// The outcome of changing an organization.
package enum OrganizationUpdate: Hashable, Sendable {
    case updated
    case notFound
}

/// The outcome of renaming an owner.
package enum OwnerRename: Hashable, Sendable {
    case renamed
    case notFound
    /// Another owner has the name.
    case nameTaken
}
