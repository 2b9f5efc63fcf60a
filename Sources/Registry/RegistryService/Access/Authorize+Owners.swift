// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

/// Owners and users for the management interface. After a decision, use cases act on the returned owner by its identity.
extension Authorize {
    /// Returns an owner that the caller may see, optionally only one of a kind; a former name throws `OwnerMoved`.
    package func toSee(
        _ name: OwnerName,
        _ kind: Owner.Kind? = nil,
        by caller: Caller
    ) async throws -> SeenOwner {
        try await owner(name, kind, by: caller, AccessPolicy.decisionToSee)
    }

    /// Returns an owner that the caller may change.
    package func toManage(
        _ name: OwnerName,
        _ kind: Owner.Kind? = nil,
        by caller: Caller
    ) async throws -> SeenOwner {
        try await owner(name, kind, by: caller, AccessPolicy.decisionToManage)
    }

    /// Returns an owner whose packages the caller may read or write.
    package func packages(of name: OwnerName, _ needed: Permission, by caller: Caller) async throws -> SeenOwner {
        let seen = try await toSee(name, by: caller)
        guard seen.permission(of: caller) >= needed else {
            throw RegistryError.forbidden(ForbiddenReason.readOnly.description)
        }
        return seen
    }

    /// Returns an organization of which the caller is a member, or any organization for an administrator.
    package func asMember(of name: OwnerName, by caller: Caller) async throws -> SeenOwner {
        let organization = try await toSee(name, .organization, by: caller)
        guard organization.access.membership != nil || caller.account?.isAdministrator == true else {
            throw RegistryError.forbidden("only members of \(name) and administrators may see this: ask one of them")
        }
        return organization
    }

    /// Returns the user that is the caller or that the caller administers.
    package func asUser(_ name: OwnerName, by caller: Caller) async throws -> SeenUser {
        try Self.user(try await toManage(name, .user, by: caller))
    }

    /// Looks an owner up again by its identity, and authorizes the caller again to change it.
    ///
    /// Time has passed since the first decision, because the request's body may arrive slowly.
    package func again(_ owner: SeenOwner, by caller: Caller) async throws -> SeenOwner {
        let found = try await accounts.profile(id: owner.owner.id, seenBy: caller.account)
        try Self.check(AccessPolicy.decisionToManage(found?.access, by: caller), owner.owner.name)
        guard let found else { throw RegistryError.noOwner(owner.owner.name) }
        return SeenOwner(profile: found.profile, access: found.access)
    }

    /// Looks a user up again by its identity, and authorizes the caller again to change it.
    package func again(_ user: SeenUser, by caller: Caller) async throws -> SeenUser {
        try Self.user(try await again(user.seen, by: caller))
    }

    /// Returns the profile of the signed-in caller.
    ///
    /// A token limited to public owners cannot access an account that is not public.
    package func itself(_ caller: Caller) async throws -> OwnerProfile {
        let account = try Self.account(of: caller)
        guard let found = try await accounts.profile(id: account.id, seenBy: account) else {
            throw RegistryError.unauthenticated("the account \(account.name) was deleted: sign in with another account")
        }
        try Self.check(AccessPolicy.decisionToManage(found.access, by: caller), account.name)
        return found.profile
    }

    /// Returns a user that the caller may add or remove; `member` is the existing member with that name.
    ///
    /// An invisible user results in the same error as a missing one, so that changing members does not reveal private
    /// users. An existing member is already visible.
    package func user(_ name: OwnerName, orMember member: OwnerProfile?, by caller: Caller) async throws -> Account {
        if let account = member?.account { return account }
        let found = try await accounts.profile(name, seenBy: caller.account)
        guard let found, let account = found.profile.account, account.name.folded == name.folded,
            AccessPolicy.decisionToSee(found.access, by: caller) == .allowed
        else {
            throw RegistryError.notFound("the user \(name) does not exist or is not visible to you: check the name")
        }
        return account
    }

    /// Returns the user of a name for an administrator to act as; the scopes of the administrator's token still apply.
    package func impersonate(_ name: String, by caller: Caller) async throws -> Caller {
        guard case .account(let account, let token, _) = caller else { return caller }
        guard account.isAdministrator else {
            throw RegistryError.forbidden("only administrators may act as another user: omit sudo")
        }
        let found = try await accounts.profile(try OwnerName(name), seenBy: account)
        guard let user = found?.profile.account else {
            throw RegistryError.notFound("the user \(name.quoted()) named by sudo does not exist: check the name")
        }
        if case .forbidden(let reason) = AccessPolicy.decisionToSee(found?.access, by: caller) {
            throw RegistryError.forbidden(reason.description)
        }
        return .account(user, token: token)
    }

    /// Rejects a visibility that the caller may not give to an owner.
    package static func check(_ caller: Caller, mayMake visibility: Visibility?) throws {
        guard case .forbidden(let reason) = AccessPolicy.decisionToMake(visibility, by: caller) else { return }
        throw RegistryError.forbidden(reason.description)
    }

    /// Rejects callers other than registry administrators; an access token also needs the administration scope.
    package static func checkMayLimit(_ caller: Caller) throws {
        guard caller.account?.isAdministrator == true else {
            throw RegistryError.forbidden("only administrators may change limits: ask an administrator")
        }
        guard caller.scopes?.contains(.write(.admin)) ?? true else {
            throw RegistryError.forbidden(ForbiddenReason.missingScope(.write(.admin)).description)
        }
    }

    /// Returns the account of a signed-in caller.
    package static func account(of caller: Caller) throws -> Account {
        guard let account = caller.account else {
            throw RegistryError.unauthenticated("sign in: send a user name and password, or an access token")
        }
        return account
    }

    private func owner(
        _ name: OwnerName,
        _ kind: Owner.Kind?,
        by caller: Caller,
        _ decide: (OwnerAccess?, Caller) -> AccessDecision
    ) async throws -> SeenOwner {
        let found = try await accounts.profile(name, seenBy: caller.account)
        let meant = kind == nil || found?.profile.owner.kind == kind ? found : nil
        try Self.check(decide(meant?.access, caller), name)
        guard let meant else { throw RegistryError.noOwner(name) }
        guard meant.profile.owner.name.folded == name.folded else {
            throw OwnerMoved(name: meant.profile.owner.name)
        }
        return SeenOwner(profile: meant.profile, access: meant.access)
    }

    private static func user(_ seen: SeenOwner) throws -> SeenUser {
        guard let account = seen.profile.account else { throw RegistryError.noOwner(seen.owner.name) }
        return SeenUser(seen: seen, account: account)
    }

    private static func check(_ decision: AccessDecision, _ name: OwnerName) throws {
        switch decision {
        case .allowed: return
        case .unauthenticated:
            throw RegistryError.unauthenticated(
                "sign in to see \(name): send a user name and password, or an access token"
            )
        case .notFound: throw RegistryError.noOwner(name)
        case .forbidden(let reason): throw RegistryError.forbidden(reason.description)
        }
    }
}
