// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore
import RegistryService

/// An owner that a caller may see, with the caller's access to it.
struct SeenOwner {
    let profile: OwnerProfile
    let access: OwnerAccess

    var owner: Owner { profile.owner }
}

/// A user that is the caller or that the caller administers.
struct SeenUser {
    let seen: SeenOwner
    let account: Account
}

extension RouteContext {
    /// The view that limits records to what the caller may see.
    var view: GiteaView { GiteaView(caller: caller, publicURL: services.publicURL) }

    /// Looks up an owner that the caller may see, optionally of one kind.
    ///
    /// `name` must be the path's first parameter, because a former name results in a redirect.
    func authorizeToSee(_ name: OwnerName, _ kind: Owner.Kind? = nil) async throws -> SeenOwner {
        try await authorizeOwner(name, kind, AccessPolicy.decisionToSee)
    }

    /// Looks up an owner that the caller may change.
    func authorizeToManage(_ name: OwnerName, _ kind: Owner.Kind? = nil) async throws -> SeenOwner {
        try await authorizeOwner(name, kind, AccessPolicy.decisionToManage)
    }

    /// Looks up an organization of which the caller is a member, or any organization for an administrator.
    func authorizeAsMember(of name: OwnerName) async throws -> SeenOwner {
        let organization = try await authorizeToSee(name, .organization)
        guard organization.access.membership != nil || caller.account?.isAdministrator == true else {
            throw RegistryError.forbidden("only members of \(name) and administrators may see this: ask one of them")
        }
        return organization
    }

    /// Looks up the user that is the caller or that the caller administers.
    func authorizeAsUser(_ name: OwnerName) async throws -> SeenUser {
        try user(await authorizeToManage(name, .user))
    }

    /// Looks the owner up again after receiving the body, by identity, and authorizes the caller again to change it.
    func authorizeAgain(_ owner: SeenOwner) async throws -> SeenOwner {
        let caller = try await identify()
        let found = try await services.browseAccounts.profile(of: owner.owner.id, seenBy: caller)
        try check(AccessPolicy.decisionToManage(found?.access, by: caller), owner.owner.name)
        guard let found else { throw RegistryError.noOwner(owner.owner.name) }
        return SeenOwner(profile: found.profile, access: found.access)
    }

    /// Looks the user up again after receiving the body, and authorizes the caller again to change it.
    func authorizeAgain(_ user: SeenUser) async throws -> SeenUser {
        try self.user(await authorizeAgain(user.seen))
    }

    /// Returns the signed-in account's profile; a token limited to public owners cannot access a non-public account.
    func itself(_ caller: Caller? = nil) async throws -> OwnerProfile {
        let caller = caller ?? self.caller
        guard let account = caller.account else { throw Self.signIn }
        let found = try await services.browseAccounts.profile(of: account.id, seenBy: caller)
        guard let found else {
            throw RegistryError.unauthenticated("the account \(account.name) was deleted: sign in with another account")
        }
        try check(AccessPolicy.decisionToManage(found.access, by: caller), account.name)
        return found.profile
    }

    /// Rejects a visibility that the caller may not give to an owner.
    func checkMayMake(_ visibility: Visibility?) throws {
        guard case .forbidden(let reason) = AccessPolicy.decisionToMake(visibility, by: caller) else { return }
        throw RegistryError.forbidden(reason.description)
    }

    private func user(_ seen: SeenOwner) throws -> SeenUser {
        guard let account = seen.profile.account else { throw RegistryError.noOwner(seen.owner.name) }
        return SeenUser(seen: seen, account: account)
    }

    /// Looks up a user that the caller may see; `member` is the existing member with that name.
    ///
    /// An invisible user results in the same error as a missing one, so that adding or removing members does not
    /// reveal private users. An existing member is already visible.
    func knownUser(_ name: OwnerName, _ member: OwnerProfile?) async throws -> Account {
        if let account = member?.account { return account }
        let found = try await services.browseAccounts.profile(name, seenBy: caller)
        guard let found, let account = found.profile.account, account.name.folded == name.folded,
            AccessPolicy.decisionToSee(found.access, by: caller) == .allowed
        else {
            throw RegistryError.notFound("the user \(name) does not exist or is not visible to you: check the name")
        }
        return account
    }

    private func authorizeOwner(
        _ name: OwnerName,
        _ kind: Owner.Kind?,
        _ decide: (OwnerAccess?, Caller) -> AccessDecision
    ) async throws -> SeenOwner {
        let found = try await services.browseAccounts.profile(name, seenBy: caller)
        let meant = kind == nil || found?.profile.owner.kind == kind ? found : nil
        try check(decide(meant?.access, caller), name)
        guard let meant else { throw RegistryError.noOwner(name) }
        guard meant.profile.owner.name.folded == name.folded else {
            throw OwnerMoved(name: meant.profile.owner.name)
        }
        return SeenOwner(profile: meant.profile, access: meant.access)
    }

    private func check(_ decision: AccessDecision, _ name: OwnerName) throws {
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
