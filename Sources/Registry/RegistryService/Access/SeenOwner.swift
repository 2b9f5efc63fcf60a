// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// An owner that a caller may see, with the caller's access to it.
package struct SeenOwner: Sendable {
    package let profile: OwnerProfile
    package let access: OwnerAccess

    package var owner: Owner { profile.owner }

    /// Returns the caller's permission on the owner's packages.
    package func permission(of caller: Caller) -> Permission { AccessPolicy.permission(of: caller, on: access) }
}

/// A user that is the caller or that the caller administers.
package struct SeenUser: Sendable {
    package let seen: SeenOwner
    package let account: Account
}
