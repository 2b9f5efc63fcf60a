// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import RegistryCore
import RegistryService

/// Who may use a route at all; what they may do with an owner is decided by its handler.
///
/// With a category, an access token needs its scope: reading for GET and HEAD, writing for every other method.
package enum RouteAccess: Hashable, Sendable {
    /// Everybody, even where the registry asks everybody to sign in; credentials are not looked at.
    case open
    case anyone(Scope.Category? = nil)
    /// Whoever has signed in.
    case account(Scope.Category? = nil)
    /// Whoever has signed in with HTTP Basic, as Gitea demands where access tokens are made.
    case basic(Scope.Category)
    /// Administrators of the registry.
    case administrator

    private var category: Scope.Category? {
        switch self {
        case .open: nil
        case .anyone(let category), .account(let category): category
        case .basic(let category): category
        case .administrator: .admin
        }
    }

    /// Refuses an actor who may not use a route of this kind.
    func check(_ actor: Actor, _ credentials: Credentials, _ method: HTTPRequest.Method) throws(RegistryError) {
        guard case .account(let account, let token, _) = actor else { return try checkAnonymous() }
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
