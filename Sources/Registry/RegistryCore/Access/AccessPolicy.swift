// SPDX-License-Identifier: Apache-2.0

/// The rules for all access decisions.
package enum AccessPolicy {
    /// Returns the caller's permission for the packages of an owner, without regard to the scopes of its token.
    package static func permission(of caller: Caller, on owner: OwnerAccess) -> Permission {
        guard let account = caller.account else {
            return owner.visibility == .public ? .read : .none
        }
        guard account.isUsable else { return .none }
        if account.isAdministrator { return .write }
        return switch owner.kind {
        case .user(let id): permission(of: account, onUser: id, visibility: owner.visibility)
        case .organization: permission(of: account, onOrganization: owner)
        }
    }

    /// Decides on a request that needs a permission; `owner` is nil when the owner does not exist.
    ///
    /// Existence comes before scopes, so that a refusal for a missing scope never reveals a private owner.
    package static func decision(
        for needed: Permission,
        by caller: Caller,
        on owner: OwnerAccess?
    ) -> AccessDecision {
        let granted = owner.map { permission(of: caller, on: $0) } ?? .none
        // A request that needs no permission still requires that the caller may see the owner.
        let needed = max(needed, .read)
        switch caller {
        case .anonymous:
            return granted >= needed ? .allowed : .unauthenticated
        case .account(let account, _, _) where !account.isUsable:
            return .unauthenticated
        case .account(_, let token, _):
            guard granted >= .read else { return .notFound }
            guard granted >= needed else { return .forbidden(.readOnly) }
            if let token, let scope = needed.requiredScope, !token.scopes.contains(scope) {
                return .forbidden(.missingScope(scope))
            }
            return limit(of: token, on: owner)
        }
    }

    /// Decides whether a caller may see an owner that may not exist; `RouteAccess` checks the scopes of its token.
    package static func decisionToSee(_ owner: OwnerAccess?, by caller: Caller) -> AccessDecision {
        let isVisible = owner.map { permission(of: caller, on: $0) >= .read } ?? false
        switch caller {
        case .anonymous: return isVisible ? .allowed : .unauthenticated
        case .account(let account, _, _) where !account.isUsable: return .unauthenticated
        case .account(_, let token, _): return isVisible ? limit(of: token, on: owner) : .notFound
        }
    }

    /// Decides whether a caller may change the owner itself: its properties, members, teams and access tokens.
    package static func decisionToManage(_ owner: OwnerAccess?, by caller: Caller) -> AccessDecision {
        let decision = decisionToSee(owner, by: caller)
        guard decision == .allowed, let owner else { return decision }
        guard let account = caller.account else { return .unauthenticated }
        return isOwner(account, of: owner) ? .allowed : .forbidden(.notOwner)
    }

    /// Decides whether a caller may create an owner with a visibility or change to it; nil means unchanged.
    package static func decisionToMake(_ visibility: Visibility?, by caller: Caller) -> AccessDecision {
        guard let visibility, visibility != .public, caller.isForPublicOwnersOnly else { return .allowed }
        return .forbidden(.publicOnly)
    }

    /// Returns whether an account has full control of an owner.
    package static func isOwner(_ account: Account, of owner: OwnerAccess) -> Bool {
        guard account.isUsable else { return false }
        if account.isAdministrator { return true }
        return switch owner.kind {
        case .user(let id): account.id == id
        case .organization: owner.membership?.isOwner ?? false
        }
    }

    /// Refuses a token for public owners on any other owner.
    private static func limit(of token: UsedToken?, on owner: OwnerAccess?) -> AccessDecision {
        let isLimited = token?.isForPublicOwnersOnly ?? false
        return isLimited && owner?.visibility != .public ? .forbidden(.publicOnly) : .allowed
    }

    private static func permission(of account: Account, onUser id: Int64, visibility: Visibility) -> Permission {
        if account.id == id { return .write }
        return visibility == .private ? .none : .read
    }

    private static func permission(of account: Account, onOrganization owner: OwnerAccess) -> Permission {
        if let membership = owner.membership {
            // A member sees its organization even when none of its teams grants a package permission.
            return membership.isOwner ? .write : max(membership.packages, .read)
        }
        // A restricted account sees only the organizations it is a member of.
        if account.isRestricted { return .none }
        return owner.visibility == .private ? .none : .read
    }
}
