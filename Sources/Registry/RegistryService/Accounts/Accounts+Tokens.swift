// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

/// A new access token with its secret, which cannot be retrieved later.
package struct CreatedToken: Sendable {
    package let token: AccessToken
    package let secret: AccessTokenSecret
}

extension Accounts {
    /// Creates an access token; its secret cannot be retrieved later.
    ///
    /// If the request itself is authenticated with an access token, the new scopes must not exceed that token's
    /// scopes, `parent`.
    package func createToken(
        _ name: TokenName,
        for user: Account,
        scopes: ScopeSet,
        lifetime: Lifetime? = nil,
        parent: ScopeSet? = nil
    ) async throws -> CreatedToken {
        if let parent, !scopes.isCovered(by: parent) {
            throw RegistryError.forbidden(
                "an access token cannot create one with broader scopes: choose among its own scopes, "
                    + parent.names.joined(separator: ", ")
            )
        }
        let secret = AccessTokenSecret()
        let token = NewAccessToken(
            account: user.id,
            name: name,
            secretSHA256: try secret.sha256(),
            lastEight: secret.lastEight,
            scopes: scopes,
            lifetime: lifetime?.duration
        )
        switch try await credentials.createToken(token) {
        case .created(let token): return CreatedToken(token: token, secret: secret)
        case .accountNotFound: throw Self.noUser(user.name)
        case .nameTaken:
            throw RegistryError.alreadyExists(
                "\(user.name) already has an access token named \(name.text.quoted()): choose another name"
            )
        }
    }

    /// Returns all access tokens of a user, ordered by name.
    package func listTokens(of user: Account) async throws -> [AccessToken] {
        try await all { last in
            try await credentials.tokens(of: user.id, after: last?.name, limit: Self.pageSize)
        }
    }

    /// Returns a page of a user's access tokens, newest first.
    package func tokens(of user: Account, page: ListPage) async throws -> Listing<AccessToken> {
        try await credentials.tokens(of: user.id, page: page)
    }

    /// Deletes the access token with a number or a name; a text that matches both is taken as the number.
    package func deleteToken(numberOrName text: String, of user: Account) async throws {
        if let id = Int64(text), try await credentials.removeToken(id: id, of: user.id) == .removed {
            return
        }
        try await deleteToken(try TokenName(text), of: user)
    }

    /// Deletes an access token, which stops working immediately.
    package func deleteToken(_ name: TokenName, of user: Account) async throws {
        let outcome = try await credentials.removeToken(name, of: user.id)
        switch outcome {
        case .removed: return
        case .tokenNotFound:
            throw RegistryError.notFound(
                "\(user.name) has no access token named \(name.text.quoted()): see granary admin token list \(user.name)"
            )
        }
    }
}
