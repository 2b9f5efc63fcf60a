// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import RegistryCore
import RegistryService

/// The callers that may use a route; its handler decides about their access to an owner.
///
/// With a category, an access token needs the read scope for GET and HEAD, and the write scope for other methods.
package enum RouteAccess: Hashable, Sendable {
    /// Every caller, even if the registry requires sign-in; credentials are ignored.
    case open
    case anyone(Scope.Category? = nil)
    /// Signed-in callers.
    case account(Scope.Category? = nil)
    /// Callers signed in with HTTP Basic, which Gitea requires for managing access tokens.
    case basic(Scope.Category)
    /// Registry administrators.
    case administrator

    private var category: Scope.Category? {
        switch self {
        case .open: nil
        case .anyone(let category), .account(let category): category
        case .basic(let category): category
        case .administrator: .admin
        }
    }

    /// Rejects a caller that may not use a route with this rule.
    func check(_ caller: Caller, _ credentials: Credentials, _ method: HTTPRequest.Method) throws(RegistryError) {
        guard case .account(let account, let token, _) = caller else { return try checkAnonymous() }
        if case .basic = self, case .token = credentials {
            throw .unauthenticated("managing access tokens requires HTTP Basic: send a user name and password")
        }
        if let token, let category {
            let scope: Scope = method == .get || method == .head ? .read(category) : .write(category)
            guard token.scopes.contains(scope) else {
                throw .forbidden(ForbiddenReason.missingScope(scope).description)
            }
        }
        if case .administrator = self, !account.isAdministrator {
            throw .forbidden("only administrators may do this: ask an administrator")
        }
    }

    private func checkAnonymous() throws(RegistryError) {
        switch self {
        case .open, .anyone: return
        case .account, .basic, .administrator:
            throw .unauthenticated("sign in: send a user name and password, or an access token")
        }
    }
}
