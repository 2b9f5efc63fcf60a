// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

/// A list of owners shows exactly those that a caller may see one by one.
@Suite("Owners in lists", .timeLimit(.minutes(15)))
struct VisibleOwnersTests {
    private static func callers() throws -> [Caller] {
        var callers = [Caller.anonymous]
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
                callers.append(.account(account, token: token.map { UsedToken(id: 1, scopes: $0) }))
            }
        }
        return callers
    }

    @Test("users", arguments: Visibility.allCases, [Int64(7), 8])
    func users(_ visibility: Visibility, _ id: Int64) throws {
        for caller in try Self.callers() {
            let owner = OwnerAccess(kind: .user(id: id), visibility: visibility, membership: nil)
            let visible = VisibleOwners.users(seenBy: caller)
            let isListed = visible.visibilities.contains(visibility) || visible.viewer == id
            #expect(isListed == (AccessPolicy.decisionToSee(owner, by: caller) == .allowed), "\(caller)")
        }
    }

    @Test("organizations", arguments: Visibility.allCases, [true, false])
    func organizations(_ visibility: Visibility, _ isMember: Bool) throws {
        for caller in try Self.callers() {
            let membership = isMember && caller.account != nil ? Membership(isOwner: false, packages: .none) : nil
            let owner = OwnerAccess(kind: .organization, visibility: visibility, membership: membership)
            let visible = VisibleOwners.organizations(seenBy: caller)
            let isListed = visible.visibilities.contains(visibility) || (visible.viewer != nil && membership != nil)
            // A list is never longer; it is shorter for a restricted account with a token for public owners.
            if caller.account?.isRestricted == true, caller.scopes?.contains(.publicOnly) == true, !isListed {
                continue
            }
            #expect(isListed == (AccessPolicy.decisionToSee(owner, by: caller) == .allowed), "\(caller) \(isMember)")
        }
    }

    @Test("only the user itself, owners of an organization and administrators change an owner")
    func managing() throws {
        for caller in try Self.callers() {
            for visibility in Visibility.allCases {
                let itself = OwnerAccess(kind: .user(id: 7), visibility: visibility, membership: nil)
                let other = OwnerAccess(kind: .user(id: 8), visibility: visibility, membership: nil)
                let isAdministrator = caller.account.map { $0.isAdministrator && $0.isUsable } ?? false
                let sees = AccessPolicy.decisionToSee(itself, by: caller)
                #expect(
                    (AccessPolicy.decisionToManage(itself, by: caller) == .allowed)
                        == (caller.account != nil && sees == .allowed)
                )
                #expect(
                    (AccessPolicy.decisionToManage(other, by: caller) == .allowed)
                        == (isAdministrator && AccessPolicy.decisionToSee(other, by: caller) == .allowed)
                )
                if AccessPolicy.decisionToSee(other, by: caller) != .allowed {
                    #expect(
                        AccessPolicy.decisionToManage(other, by: caller)
                            == AccessPolicy.decisionToSee(other, by: caller)
                    )
                }
            }
            #expect(AccessPolicy.decisionToManage(nil, by: caller) == AccessPolicy.decisionToSee(nil, by: caller))
        }
    }
}
