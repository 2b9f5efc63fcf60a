// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The caller's own account, and other users.
enum UserRoutes {
    @Sendable
    private static func itself(_ request: Request, context: RouteContext) async throws -> Response {
        Response(context.view.user(try await context.services.authorize.itself(context.caller)))
    }

    @Sendable
    private static func emails(_ request: Request, context: RouteContext) async throws -> Response {
        Response([GiteaEmail(try await context.services.authorize.itself(context.caller))])
    }

    @Sendable
    private static func settings(_ request: Request, context: RouteContext) async throws -> Response {
        Response(GiteaUserSettings(try await context.services.authorize.itself(context.caller)))
    }

    @Sendable
    private static func editSettings(_ request: Request, context: RouteContext) async throws -> Response {
        let change = try UserChange(try await context.body(EditUserSettingsRequest.self, of: request))
        let account = try await context.accountNow()
        _ = try await context.services.authorize.itself(context.caller)
        try await context.services.accounts.updateUser(account, change)
        return Response(GiteaUserSettings(try await context.services.authorize.itself(context.caller)))
    }

    @Sendable
    private static func ownOrganizations(_ request: Request, context: RouteContext) async throws -> Response {
        try await organizations(of: context.account(), request, context)
    }

    @Sendable
    private static func ownTeams(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let teams = try await context.services.browseAccounts.teams(seenBy: context.caller, page: page.rows)
        return context.response(teams, page, request) { $0.map { GiteaTeam($0.team, of: $0.organization) } }
    }

    @Sendable
    private static func search(_ request: Request, context: RouteContext) async throws -> Response {
        let query = request.query
        let page = GiteaPage(request)
        let users = try await context.services.browseAccounts.users(
            matching: request.searched,
            only: query["uid"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil },
            seenBy: context.caller,
            page: page.rows
        )
        return context.response(users, page, request) { GiteaUserSearch(users: $0.map(context.view.user)) }
    }

    @Sendable
    private static func user(_ request: Request, context: RouteContext) async throws -> Response {
        let seen = try await context.ownerToSee()
        return Response(context.view.user(seen.profile))
    }

    @Sendable
    private static func organizationsOfUser(_ request: Request, context: RouteContext) async throws -> Response {
        let name = try context.path.owner()
        guard let user = try await context.ownerToSee(.user).profile.account else {
            throw RegistryError.noOwner(name)
        }
        return try await organizations(of: user, request, context)
    }

    @Sendable
    private static func repositoriesOfUser(_ request: Request, context: RouteContext) async throws -> Response {
        _ = try await context.ownerToSee()
        return context.noRepositories(request)
    }

    private static func organizations(
        of user: Account,
        _ request: Request,
        _ context: RouteContext
    ) async throws -> Response {
        let page = GiteaPage(request)
        let found = try await context.services.browseAccounts.organizations(
            of: user,
            seenBy: context.caller,
            page: page.rows
        )
        return context.response(found, page, request) { $0.map { GiteaOrganization($0) } }
    }

    static let routes =
        own + [
            Route(
                .get,
                .giteaUserSearch,
                access: .anyone(.user),
                "Finds users by name, full name or visible e-mail address",
                query: [
                    QueryParameter("q", .text, "Part of a name, full name or e-mail address"),
                    QueryParameter("uid", .number, "The ID of a single user"),
                ] + GiteaPage.parameters,
                answers: .page(GiteaUserSearch.self),
                handle: search
            ),
            Route(
                .get,
                .giteaNamedUser,
                access: .anyone(.user),
                "Shows a user or an organization",
                answers: .record(GiteaUser.self),
                handle: user
            ),
            Route(
                .get,
                .giteaNamedUserOrganizations,
                access: .account(.organization),
                "Lists a user's organizations whose membership is visible to the caller",
                query: GiteaPage.parameters,
                answers: .page([GiteaOrganization].self),
                handle: organizationsOfUser
            ),
            Route(
                .get,
                .giteaNamedUserRepositories,
                access: .anyone(.repository),
                "Returns an empty list: Granary has no repositories",
                answers: .page([String].self),
                handle: repositoriesOfUser
            ),
        ]

    private static let own = [
        Route(
            .get,
            .giteaUser,
            access: .account(.user),
            "Shows the caller's account",
            answers: .record(GiteaUser.self),
            handle: itself
        ),
        Route(
            .get,
            .giteaUserEmails,
            access: .account(.user),
            "Shows the caller's e-mail address",
            answers: .record([GiteaEmail].self),
            handle: emails
        ),
        Route(
            .get,
            .giteaUserSettings,
            access: .account(.user),
            "Shows the caller's profile settings",
            answers: .record(GiteaUserSettings.self),
            handle: settings
        ),
        Route(
            .patch,
            .giteaUserSettings,
            access: .account(.user),
            "Changes the caller's profile settings",
            body: EditUserSettingsRequest.self,
            answers: .record(GiteaUserSettings.self),
            handle: editSettings
        ),
        Route(
            .get,
            .giteaUserOrganizations,
            access: .account(.organization),
            "Lists the caller's organizations",
            query: GiteaPage.parameters,
            answers: .page([GiteaOrganization].self),
            handle: ownOrganizations
        ),
        Route(
            .get,
            .giteaUserTeams,
            access: .account(.organization),
            "Lists the caller's teams",
            query: GiteaPage.parameters,
            answers: .page([GiteaTeam].self),
            handle: ownTeams
        ),
        Route(
            .get,
            .giteaUserRepositories,
            access: .account(.repository),
            "Returns an empty list: Granary has no repositories",
            answers: .page([String].self)
        ) { request, context in context.noRepositories(request) },
    ]
}

extension RouteContext {
    /// Returns the empty list that scripts written for Gitea expect in place of repositories.
    func noRepositories(_ request: Request) -> Response {
        response(Listing<String>(rows: [], total: 0), GiteaPage(request), request) { $0 }
    }
}

extension UserChange {
    fileprivate init(_ request: EditUserSettingsRequest) throws {
        self.init()
        isEmailHidden = request.hideEmail
        details = try OwnerChange(
            fullName: request.fullName,
            description: request.description,
            website: request.website,
            location: request.location
        )
    }
}
