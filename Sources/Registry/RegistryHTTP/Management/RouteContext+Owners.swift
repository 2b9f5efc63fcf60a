// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore
import RegistryMetadata
import RegistryService

/// An owner that an actor may see, with what it may do there.
struct SeenOwner {
    let profile: OwnerProfile
    let access: OwnerAccess

    var owner: Owner { profile.owner }
}

/// A user whom an actor is or administers.
struct SeenUser {
    let seen: SeenOwner
    let account: Account
}

extension RouteContext {
    /// Makes records as far as the actor may see them.
    var view: GiteaView { GiteaView(actor: actor, publicURL: services.publicURL) }

    /// The owner of a name, whom the actor may see; of one kind where only that can be meant.
    ///
    /// The name is the path's first parameter: who had it before is redirected to.
    func authorizeToSee(_ name: OwnerName, _ kind: Owner.Kind? = nil) async throws -> SeenOwner {
        try await authorizeOwner(name, kind, AccessPolicy.decisionToSee)
    }

    /// The owner of a name, whom the actor may change.
    func authorizeToManage(_ name: OwnerName, _ kind: Owner.Kind? = nil) async throws -> SeenOwner {
        try await authorizeOwner(name, kind, AccessPolicy.decisionToManage)
    }

    /// The organization of a name, whose member or administrator the actor is.
    func authorizeAsMember(of name: OwnerName) async throws -> SeenOwner {
        let organization = try await authorizeToSee(name, .organization)
        guard organization.access.membership != nil || actor.account?.isAdministrator == true else {
            throw RegistryError.forbidden("only members of \(name) and administrators may see this: ask one of them")
        }
        return organization
    }

    /// The user of a name, whom the actor is or administers.
    func authorizeAsUser(_ name: OwnerName) async throws -> SeenUser {
        try user(await authorizeToManage(name, .user))
    }

    /// The same owner as it is after a wait for the body, when whoever asks may still change it, whatever its name is now.
    func authorizeAgain(_ owner: SeenOwner) async throws -> SeenOwner {
        let actor = try await identify()
        let found = try await services.browseAccounts.profile(of: owner.owner.id, seenBy: actor)
        try check(AccessPolicy.decisionToManage(found?.access, by: actor), owner.owner.name)
        guard let found else { throw notFound(owner.owner.name) }
        return SeenOwner(profile: found.profile, access: found.access)
    }

    /// The same user as it is after a wait for the body, when whoever asks may still change it.
    func authorizeAgain(_ user: SeenUser) async throws -> SeenUser {
        try self.user(await authorizeAgain(user.seen))
    }

    /// What is shown of the account that has signed in, which a token for public owners only may not reach when it is not one.
    func itself(_ actor: Actor? = nil) async throws -> OwnerProfile {
        let actor = actor ?? self.actor
        guard let account = actor.account else { throw Self.signIn }
        let found = try await services.browseAccounts.profile(of: account.id, seenBy: actor)
        guard let found else {
            throw RegistryError.unauthenticated("the account \(account.name) was deleted: sign in with another account")
        }
        try check(AccessPolicy.decisionToManage(found.access, by: actor), account.name)
        return found.profile
    }

    /// Refuses a visibility that the actor may not give to an owner.
    func checkMayMake(_ visibility: Visibility?) throws {
        guard case .forbidden(let reason) = AccessPolicy.decisionToMake(visibility, by: actor) else { return }
        throw RegistryError.forbidden(reason.description)
    }

    private func user(_ seen: SeenOwner) throws -> SeenUser {
        guard let account = seen.profile.account else { throw notFound(seen.owner.name) }
        return SeenUser(seen: seen, account: account)
    }

    /// The user of a name, as far as the actor knows it; `member` is who has the name among those it asks about.
    ///
    /// Whom the actor may not know is refused as if there were none, so that nobody finds private users by adding or removing
    /// them; who is a member already is known.
    func knownUser(_ name: OwnerName, _ member: OwnerProfile?) async throws -> Account {
        if let account = member?.account { return account }
        let found = try await services.browseAccounts.profile(name, seenBy: actor)
        guard let found, let account = found.profile.account, account.name.folded == name.folded,
            AccessPolicy.decisionToSee(found.access, by: actor) == .allowed
        else {
            throw RegistryError.notFound("the user \(name) does not exist or is not visible to you: check the name")
        }
        return account
    }

    private func authorizeOwner(
        _ name: OwnerName,
        _ kind: Owner.Kind?,
        _ decide: (OwnerAccess?, Actor) -> AccessDecision
    ) async throws -> SeenOwner {
        let found = try await services.browseAccounts.profile(name, seenBy: actor)
        let meant = kind == nil || found?.profile.owner.kind == kind ? found : nil
        try check(decide(meant?.access, actor), name)
        guard let meant else { throw notFound(name) }
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
        case .notFound: throw notFound(name)
        case .forbidden(let reason): throw RegistryError.forbidden(reason.description)
        }
    }
}
