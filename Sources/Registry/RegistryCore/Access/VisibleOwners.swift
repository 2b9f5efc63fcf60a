// SPDX-License-Identifier: Apache-2.0

/// The owners of one kind that a caller sees in a list: the rule of `AccessPolicy` for many owners at once.
package struct VisibleOwners: Hashable, Sendable {
    /// The visibilities that are enough for this caller to see an owner.
    package let visibilities: Set<Visibility>
    /// The account that also sees itself and its organizations, or nil when the caller sees nothing more.
    package let viewer: Int64?

    private init(_ visibilities: Set<Visibility>, viewer: Int64?) {
        self.visibilities = visibilities
        self.viewer = viewer
    }

    /// Returns the users that a caller sees.
    package static func users(seenBy caller: Caller) -> VisibleOwners {
        owners(seenBy: caller) { _ in [.public, .limited] }
    }

    /// Returns the organizations that a caller sees.
    package static func organizations(seenBy caller: Caller) -> VisibleOwners {
        owners(seenBy: caller) { $0.isRestricted ? [] : [.public, .limited] }
    }

    /// Returns the organizations that a caller is a member of.
    package static func memberships(of caller: Caller) -> VisibleOwners {
        VisibleOwners([], viewer: organizations(seenBy: caller).viewer)
    }

    private static func owners(
        seenBy caller: Caller,
        _ visibilities: (Account) -> Set<Visibility>
    ) -> VisibleOwners {
        switch caller {
        case .anonymous: return VisibleOwners([.public], viewer: nil)
        case .account(let account, _, _) where !account.isUsable: return VisibleOwners([], viewer: nil)
        case .account(let account, let token, _):
            let seen = account.isAdministrator ? Set(Visibility.allCases) : visibilities(account)
            guard token?.isForPublicOwnersOnly == true else { return VisibleOwners(seen, viewer: account.id) }
            return VisibleOwners(seen.intersection([.public]), viewer: nil)
        }
    }
}
