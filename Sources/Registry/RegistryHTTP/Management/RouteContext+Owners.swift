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
    func authorizeAsUser(_ name: OwnerName) async throws -> Account {
        let user = try await authorizeToManage(name, .user)
        guard let account = user.profile.account else { throw notFound(name) }
        return account
    }

    /// Refuses the name of a user whom the actor may not know as if there were none, so that nobody finds private users by
    /// adding or removing them; who is a member already is known.
    func checkKnows(_ user: OwnerName, isMember: Bool) async throws {
        guard !isMember else { return }
        let found = try await services.browseAccounts.profile(user, seenBy: actor)
        guard let found, found.profile.owner.kind == .user, found.profile.owner.name.folded == user.folded,
            AccessPolicy.permission(of: actor, on: found.access) >= .read
        else {
            throw RegistryError.notFound("there is no user \(user), or you may not see it: check the name")
        }
    }

    private func authorizeOwner(
        _ name: OwnerName,
        _ kind: Owner.Kind?,
        _ decide: (OwnerAccess?, Actor) -> AccessDecision
    ) async throws -> SeenOwner {
        let found = try await services.browseAccounts.profile(name, seenBy: actor)
        let meant = kind == nil || found?.profile.owner.kind == kind ? found : nil
        switch decide(meant?.access, actor) {
        case .allowed:
            guard let meant else { throw notFound(name) }
            guard meant.profile.owner.name.folded == name.folded else {
                throw OwnerMoved(name: meant.profile.owner.name)
            }
            return SeenOwner(profile: meant.profile, access: meant.access)
        case .unauthenticated:
            throw RegistryError.unauthenticated(
                "sign in to see \(name): send a user name with its password, or an access token"
            )
        case .notFound: throw notFound(name)
        case .forbidden(let reason): throw RegistryError.forbidden(reason.description)
        }
    }
}
