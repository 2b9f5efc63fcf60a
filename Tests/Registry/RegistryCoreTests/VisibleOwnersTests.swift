// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

/// A list of owners shows exactly those that an actor may see one by one.
@Suite("Owners in lists")
struct VisibleOwnersTests {
    private static func actors() throws -> [Actor] {
        var actors = [Actor.anonymous]
        for flags in 0..<8 {
            let account = Account(
                id: 7,
                name: try OwnerName("alice"),
                isAdministrator: flags & 1 != 0,
                isActive: flags & 2 != 0,
                isLoginProhibited: false,
                isRestricted: flags & 4 != 0
            )
            for token in [nil, ScopeSet([.all]), ScopeSet([.all, .publicOnly])] {
                actors.append(.account(account, token: token.map { UsedToken(id: 1, scopes: $0) }))
            }
        }
        return actors
    }

    @Test("users", arguments: Visibility.allCases, [Int64(7), 8])
    func users(_ visibility: Visibility, _ id: Int64) throws {
        for actor in try Self.actors() {
            let owner = OwnerAccess(kind: .user(id: id), visibility: visibility, membership: nil)
            let visible = VisibleOwners.users(seenBy: actor)
            let isListed = visible.visibilities.contains(visibility) || visible.viewer == id
            #expect(isListed == (AccessPolicy.decisionToSee(owner, by: actor) == .allowed), "\(actor)")
        }
    }

    @Test("organizations", arguments: Visibility.allCases, [true, false])
    func organizations(_ visibility: Visibility, _ isMember: Bool) throws {
        for actor in try Self.actors() {
            let membership = isMember && actor.account != nil ? Membership(isOwner: false, packages: .none) : nil
            let owner = OwnerAccess(kind: .organization, visibility: visibility, membership: membership)
            let visible = VisibleOwners.organizations(seenBy: actor)
            let isListed = visible.visibilities.contains(visibility) || (visible.viewer != nil && membership != nil)
            // A list is never longer; it is shorter for a restricted account with a token for public owners.
            if actor.account?.isRestricted == true, actor.scopes?.contains(.publicOnly) == true, !isListed { continue }
            #expect(isListed == (AccessPolicy.decisionToSee(owner, by: actor) == .allowed), "\(actor) \(isMember)")
        }
    }

    @Test("only the user itself, owners of an organization and administrators change an owner")
    func managing() throws {
        for actor in try Self.actors() {
            for visibility in Visibility.allCases {
                let itself = OwnerAccess(kind: .user(id: 7), visibility: visibility, membership: nil)
                let other = OwnerAccess(kind: .user(id: 8), visibility: visibility, membership: nil)
                let isAdministrator = actor.account.map { $0.isAdministrator && $0.isUsable } ?? false
                let sees = AccessPolicy.decisionToSee(itself, by: actor)
                #expect(
                    (AccessPolicy.decisionToManage(itself, by: actor) == .allowed)
                        == (actor.account != nil && sees == .allowed)
                )
                #expect(
                    (AccessPolicy.decisionToManage(other, by: actor) == .allowed)
                        == (isAdministrator && AccessPolicy.decisionToSee(other, by: actor) == .allowed)
                )
                if AccessPolicy.decisionToSee(other, by: actor) != .allowed {
                    #expect(
                        AccessPolicy.decisionToManage(other, by: actor) == AccessPolicy.decisionToSee(other, by: actor)
                    )
                }
            }
            #expect(AccessPolicy.decisionToManage(nil, by: actor) == AccessPolicy.decisionToSee(nil, by: actor))
        }
    }
}
