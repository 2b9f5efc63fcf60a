// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The teams of an organization: members may see them, and owners may change them.
enum TeamRoutes {
    @Sendable
    private static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let teams = try await teams(matching: "", page, context)
        return context.response(teams, page, request) { $0.map { GiteaTeam($0, of: nil) } }
    }

    @Sendable
    private static func search(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let teams = try await teams(matching: request.searched, page, context)
        return context.response(teams, page, request) {
            GiteaTeamSearch(teams: $0.map { GiteaTeam($0, of: nil) })
        }
    }

    private static func teams(
        matching text: String,
        _ page: GiteaPage,
        _ context: RouteContext
    ) async throws -> Listing<Team> {
        let organization = try await context.services.authorize.asMember(of: context.path.owner(), by: context.caller)
        return try await context.services.browseAccounts.teams(
            of: organization.owner,
            organization.access,
            matching: text,
            seenBy: context.caller,
            page: page.rows
        )
    }

    @Sendable
    private static func create(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.ownerToManage(.organization)
        let body = try await context.body(CreateTeamRequest.self, of: request)
        let organization = try await context.again(named)
        let power = try TeamPower(permission: body.permission, units: body.units, unitsMap: body.unitsMap)
        let team = NewTeam(
            name: try InvalidField.check("Name") { try TeamName(body.name) },
            description: try InvalidField.text("Description", body.description, limit: 255) ?? "",
            isAdministrators: power.isAdministrators,
            packages: power.packages ?? .none
        )
        let created = try await context.services.accounts.createTeam(team, in: organization.owner)
        return Response(GiteaTeam(created, of: organization.profile), status: .created)
    }

    @Sendable
    private static func show(_ request: Request, context: RouteContext) async throws -> Response {
        let seen = try await context.teamToSee()
        return Response(GiteaTeam(seen.team, of: seen.organization))
    }

    @Sendable
    private static func edit(_ request: Request, context: RouteContext) async throws -> Response {
        _ = try await context.teamToManage()
        let change = try TeamChange(try await context.body(EditTeamRequest.self, of: request))
        // The path has the team's number, so a second lookup finds the same team.
        let seen = try await context.services.authorize.toManageTeam(
            Int64(context.path.decoded(0)),
            by: context.identify()
        )
        let team = try await context.services.accounts.updateTeam(seen.team, of: seen.organization.owner.name, change)
        return Response(GiteaTeam(team, of: seen.organization))
    }

    @Sendable
    private static func delete(_ request: Request, context: RouteContext) async throws -> Response {
        let seen = try await context.teamToManage()
        try await context.services.accounts.deleteTeam(seen.team, of: seen.organization.owner.name)
        return Response(status: .noContent)
    }

    static let routes =
        [
            Route(
                .get,
                .giteaTeams,
                access: .account(.organization),
                "Lists the teams of an organization: owners see all teams, other members their own",
                query: GiteaPage.parameters,
                answers: .page([GiteaTeam].self),
                handle: list
            ),
            Route(
                .get,
                .giteaTeamSearch,
                access: .account(.organization),
                "Finds teams of an organization by name",
                query: [QueryParameter("q", .text, "Part of a name")] + GiteaPage.parameters,
                answers: .page(GiteaTeamSearch.self),
                handle: search
            ),
            Route(
                .post,
                .giteaTeams,
                access: .account(.organization),
                "Creates a team",
                body: CreateTeamRequest.self,
                answers: .record(GiteaTeam.self, status: .created),
                handle: create
            ),
            Route(
                .get,
                .giteaTeam,
                access: .account(.organization),
                "Shows a team",
                answers: .record(GiteaTeam.self),
                handle: show
            ),
            Route(
                .patch,
                .giteaTeam,
                access: .account(.organization),
                "Changes a team",
                body: EditTeamRequest.self,
                answers: .record(GiteaTeam.self),
                handle: edit
            ),
            Route(
                .delete,
                .giteaTeam,
                access: .account(.organization),
                "Deletes a team",
                answers: .noContent,
                .refusal(.unprocessableContent, "the team is the Owners team"),
                handle: delete
            ),
        ] + TeamMemberRoutes.routes
}

extension TeamChange {
    fileprivate init(_ request: EditTeamRequest) throws {
        self.init()
        if let text = request.name, !text.isEmpty { name = try InvalidField.check("Name") { try TeamName(text) } }
        description = try InvalidField.text("Description", request.description, limit: 255)
        guard request.permission != nil || request.units != nil || request.unitsMap != nil else { return }
        let power = try TeamPower(permission: request.permission, units: request.units, unitsMap: request.unitsMap)
        packages = power.packages
        isAdministrators = request.permission == nil ? nil : power.isAdministrators
    }
}
