// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// An access token at the only moment at which its secret is known.
package struct CreatedToken: Sendable {
    package let token: AccessToken
    package let secret: AccessTokenSecret
}

extension Accounts {
    /// Creates an access token; its secret cannot be had again.
    ///
    /// Who asks with an access token gets at most what that one may do, its `parent`.
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
        switch try await metadata.createToken(token) {
        case .created(let token): return CreatedToken(token: token, secret: secret)
        case .accountNotFound: throw Self.noUser(user.name)
        case .nameTaken:
            throw RegistryError.alreadyExists(
                "\(user.name) already has an access token named \(name.text.quoted()): choose another name"
            )
        }
    }

    /// All access tokens of a user, by name.
    package func listTokens(of user: Account) async throws -> [AccessToken] {
        try await all { last in
            try await metadata.tokens(of: user.id, after: last?.name, limit: Self.pageSize)
        }
    }

    /// A page of the access tokens of a user, the newest first.
    package func tokens(of user: Account, page: ListPage) async throws -> Listing<AccessToken> {
        try await metadata.tokens(of: user.id, page: page)
    }

    /// Removes the access token of a number or a name; a text that is both means the number first.
    package func deleteToken(numberOrName text: String, of user: Account) async throws {
        if let id = Int64(text), try await metadata.removeToken(id: id, of: user.id) == .removed {
            return cache.forgetAll()
        }
        try await deleteToken(try TokenName(text), of: user)
    }

    /// Removes an access token, which stops working at once.
    package func deleteToken(_ name: TokenName, of user: Account) async throws {
        let outcome = try await metadata.removeToken(name, of: user.id)
        cache.forgetAll()
        switch outcome {
        case .removed: return
        case .tokenNotFound:
            throw RegistryError.notFound(
                "\(user.name) has no access token named \(name.text.quoted()): see granary admin token list \(user.name)"
            )
        }
    }
}
