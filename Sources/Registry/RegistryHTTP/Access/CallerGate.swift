// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The gate in front of all handlers, which authenticates callers and rejects those who may not use a route.
struct CallerGate: Sendable {
    let services: RegistryServices

    /// Returns the caller on whose behalf a route's handler runs.
    func caller(of request: Request, for route: Route) async throws -> Caller {
        if case .open = route.access { return .anonymous }
        let credentials = try Credentials.parse(authorization: request.headers[.authorization])
        var caller = try await services.authenticate(credentials, from: request.clientNetwork)
        if services.requiresSignIn, caller == .anonymous {
            throw RegistryError.unauthenticated(
                "this registry requires sign-in: send a user name and password, or an access token"
            )
        }
        if route.endpoint.isGitea {
            try checkPassword(of: caller)
            caller = try await impersonated(request, caller)
        }
        try route.access.check(caller, credentials, request.method)
        return caller
    }

    private func checkPassword(of caller: Caller) throws {
        guard let account = caller.account, account.mustChangePassword else { return }
        throw RegistryError.forbidden(
            "the account \(account.name) must change its password: ask an administrator; packages are not affected"
        )
    }

    /// Returns the user that an administrator impersonates with Gitea's `sudo`; the scopes of the administrator's
    /// token still apply.
    private func impersonated(_ request: Request, _ caller: Caller) async throws -> Caller {
        let header = request.headers[.sudo]
        guard let text = header ?? request.query["sudo"], !text.isEmpty,
            case .account(let account, let token, _) = caller
        else { return caller }
        guard account.isAdministrator else {
            throw RegistryError.forbidden("only administrators may act as another user: omit sudo")
        }
        let found = try await services.browseAccounts.profile(try OwnerName(text), seenBy: caller)
        guard let user = found?.profile.account else {
            throw RegistryError.notFound("the user \(text.quoted()) named by sudo does not exist: check the name")
        }
        if case .forbidden(let reason) = AccessPolicy.decisionToSee(found?.access, by: caller) {
            throw RegistryError.forbidden(reason.description)
        }
        return .account(user, token: token)
    }
}

extension Endpoint {
    /// Whether the endpoint belongs to Gitea's management interface.
    var isGitea: Bool { template.hasPrefix(Self.giteaPrefix) }
}
