// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore
import RegistryService

/// The path's owner or team, as far as the caller may see or change it.
///
/// Names are always the path's first parameter, because a former name results in a redirect.
extension RouteContext {
    /// The view that limits records to what the caller may see.
    var view: GiteaView { GiteaView(caller: caller, publicURL: services.publicURL) }

    func ownerToSee(_ kind: Owner.Kind? = nil) async throws -> SeenOwner {
        try await services.authorize.toSee(path.owner(), kind, by: caller)
    }

    func ownerToManage(_ kind: Owner.Kind? = nil) async throws -> SeenOwner {
        try await services.authorize.toManage(path.owner(), kind, by: caller)
    }

    /// Returns the user that is the caller or that the caller administers.
    func userToManage() async throws -> SeenUser {
        try await services.authorize.asUser(path.owner(), by: caller)
    }

    func teamToSee() async throws -> SeenTeam {
        try await services.authorize.toSeeTeam(Int64(path.decoded(0)), by: caller)
    }

    func teamToManage() async throws -> SeenTeam {
        try await services.authorize.toManageTeam(Int64(path.decoded(0)), by: caller)
    }

    /// Authorizes the caller again to change an owner, after the body was received.
    func again(_ owner: SeenOwner) async throws -> SeenOwner {
        try await services.authorize.again(owner, by: identify())
    }

    /// Authorizes the caller again to change a user, after the body was received.
    func again(_ user: SeenUser) async throws -> SeenUser {
        try await services.authorize.again(user, by: identify())
    }
}
