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

    /// Returns the user that an administrator impersonates with Gitea's `sudo`.
    private func impersonated(_ request: Request, _ caller: Caller) async throws -> Caller {
        guard let text = request.headers[.sudo] ?? request.query["sudo"], !text.isEmpty, caller.account != nil else {
            return caller
        }
        return try await services.authorize.impersonate(text, by: caller)
    }
}

extension Endpoint {
    /// Whether the endpoint belongs to Gitea's management interface.
    var isGitea: Bool { template.hasPrefix(Self.giteaPrefix) }
}
