// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// Organizations: viewing them, and managing them as an owner.
enum OrganizationRoutes {
    @Sendable
    private static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let found = try await context.services.browseAccounts.organizations(seenBy: context.caller, page: page.rows)
        return context.response(found, page, request) { $0.map { GiteaOrganization($0) } }
    }

    @Sendable
    private static func create(_ request: Request, context: RouteContext) async throws -> Response {
        let body = try await context.body(CreateOrganizationRequest.self, of: request)
        return Response(try await context.createOrganization(body, ownedBy: context.accountNow()), status: .created)
    }

    @Sendable
    private static func show(_ request: Request, context: RouteContext) async throws -> Response {
        let organization = try await context.ownerToSee(.organization)
        return Response(GiteaOrganization(organization.profile))
    }

    @Sendable
    private static func edit(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.ownerToManage(.organization)
        let change = try OwnerChange(try await context.body(EditOrganizationRequest.self, of: request))
        let organization = try await context.again(named)
        try Authorize.check(context.caller, mayMake: change.visibility)
        try await context.services.accounts.updateOrganization(organization.owner, change)
        return Response(GiteaOrganization(try await context.again(organization).profile))
    }

    @Sendable
    private static func delete(_ request: Request, context: RouteContext) async throws -> Response {
        let organization = try await context.ownerToManage(.organization)
        try await context.services.accounts.deleteOrganization(organization.owner)
        return Response(status: .noContent)
    }

    @Sendable
    private static func rename(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.ownerToManage(.organization)
        let body = try await context.body(RenameOrganizationRequest.self, of: request)
        let organization = try await context.again(named)
        let name = try InvalidField.check("NewName") { try OwnerName.forNewOwner(body.newName) }
        try await context.services.accounts.rename(organization.owner, to: name)
        return Response(status: .noContent)
    }

    @Sendable
    private static func repositories(_ request: Request, context: RouteContext) async throws -> Response {
        _ = try await context.ownerToSee(.organization)
        return context.noRepositories(request)
    }

    static let routes = [
        Route(
            .get,
            .giteaOrganizations,
            access: .anyone(.organization),
            "Lists the organizations visible to the caller",
            query: GiteaPage.parameters,
            answers: .page([GiteaOrganization].self),
            handle: list
        ),
        Route(
            .post,
            .giteaOrganizations,
            access: .account(.organization),
            "Creates an organization owned by the caller",
            body: CreateOrganizationRequest.self,
            answers: .record(GiteaOrganization.self, status: .created),
            handle: create
        ),
        Route(
            .get,
            .giteaOrganization,
            access: .anyone(.organization),
            "Shows an organization",
            answers: .record(GiteaOrganization.self),
            handle: show
        ),
        Route(
            .patch,
            .giteaOrganization,
            access: .account(.organization),
            "Changes an organization",
            body: EditOrganizationRequest.self,
            answers: .record(GiteaOrganization.self),
            handle: edit
        ),
        Route(
            .delete,
            .giteaOrganization,
            access: .account(.organization),
            "Deletes an organization that has no packages",
            answers: .noContent,
            .refusal(.unprocessableContent, "the organization has packages"),
            handle: delete
        ),
        Route(
            .post,
            .giteaOrganizationRename,
            access: .account(.organization),
            "Renames an organization; the old name redirects to the new one",
            body: RenameOrganizationRequest.self,
            answers: .noContent,
            handle: rename
        ),
        Route(
            .get,
            .giteaOrganizationRepositories,
            access: .anyone(.organization),
            "Returns an empty list: Granary has no repositories",
            answers: .page([String].self),
            handle: repositories
        ),
    ]
}

extension RouteContext {
    /// Creates an organization owned by a user; only that user and administrators may do so.
    func createOrganization(
        _ body: CreateOrganizationRequest,
        ownedBy user: Account
    ) async throws -> GiteaOrganization {
        let name = try InvalidField.check("UserName") { try OwnerName.forNewOwner(body.username) }
        var details = try OwnerChange(
            fullName: body.fullName,
            description: body.description,
            website: body.website,
            location: body.location
        )
        details.contactEmail = try OwnerChange.contact(body.email)
        let visibility: Visibility = try InvalidField.word("Visibility", body.visibility) ?? .public
        try Authorize.check(caller, mayMake: visibility)
        let organization = try await services.accounts.createOrganization(
            name,
            ownedBy: user,
            visibility: visibility,
            details: details
        )
        return GiteaOrganization(try await services.browseAccounts.profile(of: organization))
    }
}

extension OwnerChange {
    fileprivate init(_ request: EditOrganizationRequest) throws {
        try self.init(
            fullName: request.fullName,
            description: request.description,
            website: request.website,
            location: request.location
        )
        contactEmail = try Self.contact(request.email)
        visibility = try InvalidField.word("Visibility", request.visibility)
    }

    /// Parses the e-mail address of an organization, which may be empty.
    fileprivate static func contact(_ text: String?) throws -> String? {
        guard let text, !text.isEmpty else { return text }
        return try InvalidField.check("Email") { try EmailAddress(text) }.text
    }
}
