// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The access tokens of a user, managed by that user or by an administrator.
enum TokenRoutes {
    @Sendable
    private static func list(_ request: Request, context: RouteContext) async throws -> Response {
        let page = GiteaPage(request)
        let user = try await context.userToManage()
        let tokens = try await context.services.accounts.tokens(of: user.account, page: page.rows)
        return context.response(tokens, page, request) { $0.map { GiteaAccessToken($0, secret: nil) } }
    }

    @Sendable
    private static func create(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.userToManage()
        let body = try await context.body(CreateTokenRequest.self, of: request)
        let user = try await context.again(named)
        do {
            let created = try await context.services.accounts.createToken(
                try InvalidField.check("Name") { try TokenName(body.name) },
                for: user.account,
                scopes: try ScopeSet(parsing: body.scopes ?? []),
                parent: context.caller.scopes
            )
            return Response(GiteaAccessToken(created.token, secret: created.secret.text), status: .created)
        } catch let error as RegistryError where error.code == .alreadyExists {
            // For a name that is taken, Gitea returns 400 here and 422 everywhere else.
            throw RegistryError.invalid(error.message)
        }
    }

    @Sendable
    private static func delete(_ request: Request, context: RouteContext) async throws -> Response {
        let user = try await context.userToManage()
        try await context.services.accounts.deleteToken(numberOrName: context.path.decoded(1), of: user.account)
        return Response(status: .noContent)
    }

    static let routes = [
        Route(
            .get,
            .giteaTokens,
            access: .basic(.user),
            "Lists a user's access tokens, newest first",
            query: GiteaPage.parameters,
            answers: .page([GiteaAccessToken].self),
            handle: list
        ),
        Route(
            .post,
            .giteaTokens,
            access: .basic(.user),
            "Creates an access token; only this response contains its secret",
            body: CreateTokenRequest.self,
            answers: .record(GiteaAccessToken.self, status: .created),
            .refusal(
                .badRequest,
                "the request body is not JSON, the scopes are missing or unknown, or the name is taken"
            ),
            handle: create
        ),
        Route(
            .delete,
            .giteaToken,
            access: .basic(.user),
            "Deletes an access token by ID or name",
            answers: .noContent,
            handle: delete
        ),
    ]
}
