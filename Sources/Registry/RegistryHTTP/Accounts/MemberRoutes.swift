// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The members of an organization, visible only to its members.
enum MemberRoutes {
    @Sendable
    private static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let organization = try await context.ownerToSee(.organization)
        let members = try await context.services.browseAccounts.members(
            of: organization.owner,
            organization.access,
            seenBy: context.caller,
            page: page.rows
        )
        return context.response(members, page, request) { $0.map(context.view.user) }
    }

    @Sendable
    private static func check(_ request: Request, context: RouteContext) async throws -> Response {
        let user = try OwnerName(context.path.decoded(1))
        let organization = try await context.ownerToSee(.organization)
        let member = try await context.services.browseAccounts.member(
            user,
            of: organization.owner,
            organization.access,
            seenBy: context.caller
        )
        guard member != nil else {
            throw RegistryError.notFound(
                "\(user) is not a member of \(organization.owner.name), or the membership is not visible to you"
            )
        }
        return Response(status: .noContent)
    }

    @Sendable
    private static func remove(_ request: Request, context: RouteContext) async throws -> Response {
        let user = try OwnerName(context.path.decoded(1))
        let organization = try await context.ownerToManage(.organization)
        let member = try await context.services.browseAccounts.member(
            user,
            of: organization.owner,
            organization.access,
            seenBy: context.caller
        )
        let account = try await context.services.authorize.user(user, orMember: member, by: context.caller)
        try await context.services.accounts.removeMember(account, from: organization.owner)
        return Response(status: .noContent)
    }

    @Sendable
    private static func listPublic(_ request: Request, context: RouteContext) async throws -> Response {
        _ = try await context.ownerToSee(.organization)
        let page = GiteaPage(request)
        return context.response(Listing<OwnerProfile>(rows: [], total: 0), page, request) { $0.map(context.view.user) }
    }

    static let routes = [
        Route(
            .get,
            .giteaMembers,
            access: .account(.organization),
            "Lists the members of an organization; the list is empty for callers who are not members",
            query: GiteaPage.parameters,
            answers: .page([GiteaUser].self),
            handle: list
        ),
        Route(
            .get,
            .giteaMember,
            access: .account(.organization),
            "Checks whether a user is a member of an organization",
            answers: .noContent,
            handle: check
        ),
        Route(
            .delete,
            .giteaMember,
            access: .account(.organization),
            "Removes a user from all teams of an organization",
            answers: .noContent,
            .refusal(.unprocessableContent, "the user is the last owner"),
            handle: remove
        ),
        Route(
            .get,
            .giteaPublicMembers,
            access: .anyone(.organization),
            "Returns an empty list: membership is not public",
            query: GiteaPage.parameters,
            answers: .page([GiteaUser].self),
            handle: listPublic
        ),
    ]
}
