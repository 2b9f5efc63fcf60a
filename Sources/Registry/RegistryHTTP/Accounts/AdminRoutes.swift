// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The administration of users and organizations.
enum AdminRoutes {
    private static let badPassword = RouteAnswer.refusal(
        .badRequest,
        "the request body is not JSON, or the password breaks a rule"
    )

    @Sendable
    private static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let users = try await context.services.browseAccounts.users(
            matching: "",
            only: nil,
            seenBy: context.caller,
            page: page.rows
        )
        return context.response(users, page, request) { $0.map(context.view.user) }
    }

    @Sendable
    private static func create(_ request: Request, context: RouteContext) async throws -> Response {
        let body = try await context.body(CreateUserRequest.self, of: request)
        _ = try await context.identify()
        let details = try OwnerChange(fullName: body.fullName, description: nil, website: nil, location: nil)
        let visibility: Visibility = try InvalidField.word("Visibility", body.visibility) ?? .public
        try Authorize.check(context.caller, mayMake: visibility)
        let user = try await context.services.accounts.createUser(
            try InvalidField.check("Username") { try OwnerName.forNewOwner(body.username) },
            email: try InvalidField.check("Email") { try EmailAddress(body.email) },
            password: body.password ?? "",
            visibility: visibility,
            isRestricted: body.restricted ?? false,
            mustChangePassword: body.mustChangePassword ?? true,
            details: details
        )
        let profile = try await context.services.browseAccounts.profile(of: user.account)
        return Response(context.view.user(profile), status: .created)
    }

    @Sendable
    private static func edit(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.userToManage()
        let body = try await context.body(EditUserRequest.self, of: request)
        let user = try await context.again(named).account
        let password = body.password.flatMap { $0.isEmpty ? nil : $0 }
        let change = try UserChange(body)
        try Authorize.check(context.caller, mayMake: change.visibility)
        try await context.services.accounts.updateUser(user, change, password: password)
        return Response(context.view.user(try await context.services.browseAccounts.profile(of: user)))
    }

    @Sendable
    private static func delete(_ request: Request, context: RouteContext) async throws -> Response {
        let user = try await context.userToManage().account
        guard user.id != context.caller.account?.id else {
            throw RegistryError.stillInUse("you cannot delete yourself: ask another administrator")
        }
        let purge = ["1", "t", "true"].contains(request.query["purge"]?.lowercased())
        try await context.services.accounts.deleteUser(user, includingPackages: purge)
        return Response(status: .noContent)
    }

    @Sendable
    private static func rename(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.userToManage()
        let body = try await context.body(RenameUserRequest.self, of: request)
        let user = try await context.again(named)
        let name = try InvalidField.check("NewName") { try OwnerName.forNewOwner(body.newUsername) }
        try await context.services.accounts.rename(user.seen.owner, to: name)
        return Response(status: .noContent)
    }

    @Sendable
    private static func createOrganization(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.userToManage()
        let body = try await context.body(CreateOrganizationRequest.self, of: request)
        let user = try await context.again(named).account
        return Response(try await context.createOrganization(body, ownedBy: user), status: .created)
    }

    @Sendable
    private static func organizations(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let found = try await context.services.browseAccounts.organizations(seenBy: context.caller, page: page.rows)
        return context.response(found, page, request) { $0.map { GiteaOrganization($0) } }
    }

    static let routes = [
        Route(
            .get,
            .giteaAdminUsers,
            access: .administrator,
            "Lists all users",
            query: GiteaPage.parameters,
            answers: .page([GiteaUser].self),
            handle: list
        ),
        Route(
            .post,
            .giteaAdminUsers,
            access: .administrator,
            "Creates a user",
            body: CreateUserRequest.self,
            answers: .record(GiteaUser.self, status: .created),
            badPassword,
            handle: create
        ),
        Route(
            .patch,
            .giteaAdminUser,
            access: .administrator,
            "Changes a user",
            body: EditUserRequest.self,
            answers: .record(GiteaUser.self),
            badPassword,
            handle: edit
        ),
        Route(
            .delete,
            .giteaAdminUser,
            access: .administrator,
            "Deletes a user that has no packages",
            query: [QueryParameter("purge", .flag, "Also delete the user's packages")],
            answers: .noContent,
            .refusal(
                .unprocessableContent,
                "the user has packages, is the last owner of an organization or the last administrator, or is the caller"
            ),
            handle: delete
        ),
        Route(
            .post,
            .giteaAdminUserRename,
            access: .administrator,
            "Renames a user; the old name redirects to the new one",
            body: RenameUserRequest.self,
            answers: .noContent,
            handle: rename
        ),
        Route(
            .post,
            .giteaAdminUserOrganizations,
            access: .administrator,
            "Creates an organization owned by a user",
            body: CreateOrganizationRequest.self,
            answers: .record(GiteaOrganization.self, status: .created),
            handle: createOrganization
        ),
        Route(
            .get,
            .giteaAdminOrganizations,
            access: .administrator,
            "Lists all organizations",
            query: GiteaPage.parameters,
            answers: .page([GiteaOrganization].self),
            handle: organizations
        ),
    ]
}

extension UserChange {
    fileprivate init(_ request: EditUserRequest) throws {
        self.init()
        email = try request.email.flatMap { text in
            text.isEmpty ? nil : try InvalidField.check("Email") { try EmailAddress(text) }
        }
        mustChangePassword = request.mustChangePassword
        isActive = request.active
        isAdministrator = request.admin
        isLoginProhibited = request.prohibitLogin
        isRestricted = request.restricted
        visibility = try InvalidField.word("Visibility", request.visibility)
        details = try OwnerChange(
            fullName: request.fullName,
            description: request.description,
            website: request.website,
            location: request.location
        )
    }
}
