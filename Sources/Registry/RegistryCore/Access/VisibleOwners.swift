// SPDX-License-Identifier: Apache-2.0

/// The owners of one kind that an actor sees in a list: the rule of `AccessPolicy` for many owners at once.
package struct VisibleOwners: Hashable, Sendable {
    /// The visibilities that are enough for this actor to see an owner.
    package let visibilities: Set<Visibility>
    /// The account that also sees itself and its organizations, or nil when the actor sees nothing more.
    package let viewer: Int64?

    private init(_ visibilities: Set<Visibility>, viewer: Int64?) {
        self.visibilities = visibilities
        self.viewer = viewer
    }

    /// Returns the users that an actor sees.
    package static func users(seenBy actor: Actor) -> VisibleOwners {
        owners(seenBy: actor) { _ in [.public, .limited] }
    }

    /// Returns the organizations that an actor sees.
    package static func organizations(seenBy actor: Actor) -> VisibleOwners {
        owners(seenBy: actor) { $0.isRestricted ? [] : [.public, .limited] }
    }

    /// Returns the organizations that an actor is a member of.
    package static func memberships(of actor: Actor) -> VisibleOwners {
        VisibleOwners([], viewer: organizations(seenBy: actor).viewer)
    }

    private static func owners(
        seenBy actor: Actor,
        _ visibilities: (Account) -> Set<Visibility>
    ) -> VisibleOwners {
        switch actor {
        case .anonymous: return VisibleOwners([.public], viewer: nil)
        case .account(let account, _, _) where !account.isUsable: return VisibleOwners([], viewer: nil)
        case .account(let account, let token, _):
            let seen = account.isAdministrator ? Set(Visibility.allCases) : visibilities(account)
            guard token?.isForPublicOwnersOnly == true else { return VisibleOwners(seen, viewer: account.id) }
            return VisibleOwners(seen.intersection([.public]), viewer: nil)
        }
    }
}
