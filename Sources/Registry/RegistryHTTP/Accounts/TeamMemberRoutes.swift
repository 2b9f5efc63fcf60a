// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The members of a team.
enum TeamMemberRoutes {
    @Sendable
    private static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let team = try await context.teamToSee().team
        let members = try await context.services.browseAccounts.members(
            of: team,
            seenBy: context.caller,
            page: page.rows
        )
        return context.response(members, page, request) { $0.map(context.view.user) }
    }

    @Sendable
    private static func show(_ request: Request, context: RouteContext) async throws -> Response {
        let user = try OwnerName(context.path.decoded(1))
        let team = try await context.teamToSee().team
        guard let member = try await context.services.browseAccounts.member(user, of: team, seenBy: context.caller)
        else {
            throw RegistryError.notFound("\(user) is not a member of the team \(team.name): check the name")
        }
        return Response(context.view.user(member))
    }

    @Sendable
    private static func add(_ request: Request, context: RouteContext) async throws -> Response {
        let user = try OwnerName(context.path.decoded(1))
        let seen = try await context.teamToManage()
        let member = try await context.services.browseAccounts.member(user, of: seen.team, seenBy: context.caller)
        let account = try await context.services.authorize.user(user, orMember: member, by: context.caller)
        try await context.services.accounts.addMember(account, to: seen.team, of: seen.organization.owner)
        return Response(status: .noContent)
    }

    @Sendable
    private static func remove(_ request: Request, context: RouteContext) async throws -> Response {
        let user = try OwnerName(context.path.decoded(1))
        let seen = try await context.teamToManage()
        let member = try await context.services.browseAccounts.member(user, of: seen.team, seenBy: context.caller)
        let account = try await context.services.authorize.user(user, orMember: member, by: context.caller)
        try await context.services.accounts.removeMember(account, from: seen.team, of: seen.organization.owner)
        return Response(status: .noContent)
    }

    static let routes = [
        Route(
            .get,
            .giteaTeamMembers,
            access: .account(.organization),
            "Lists the members of a team",
            query: GiteaPage.parameters,
            answers: .page([GiteaUser].self),
            handle: list
        ),
        Route(
            .get,
            .giteaTeamMember,
            access: .account(.organization),
            "Shows a member of a team",
            answers: .record(GiteaUser.self),
            handle: show
        ),
        Route(
            .put,
            .giteaTeamMember,
            access: .account(.organization),
            "Adds a user to a team",
            answers: .noContent,
            handle: add
        ),
        Route(
            .delete,
            .giteaTeamMember,
            access: .account(.organization),
            "Removes a user from a team",
            answers: .noContent,
            .refusal(.unprocessableContent, "the user is the last owner of the organization"),
            handle: remove
        ),
    ]
}
