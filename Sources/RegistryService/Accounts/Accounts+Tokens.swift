// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// An access token at the only moment at which its secret is known.
package struct CreatedToken: Sendable {
    package let token: AccessToken
    package let secret: AccessTokenSecret
}

extension Accounts {
    /// Creates an access token; its secret can not be had again.
    package func createToken(
        _ name: TokenName,
        for user: OwnerName,
        scopes: ScopeSet,
        lifetime: Lifetime? = nil
    ) async throws -> CreatedToken {
        let secret = AccessTokenSecret()
        let token = NewAccessToken(
            account: user,
            name: name,
            secretSHA256: try secret.sha256(),
            lastEight: secret.lastEight,
            scopes: scopes,
            lifetime: lifetime?.duration
        )
        switch try await metadata.createToken(token) {
        case .created(let token): return CreatedToken(token: token, secret: secret)
        case .accountNotFound: throw Self.noUser(user)
        case .nameTaken:
            throw RegistryError.alreadyExists(
                "\(user) has an access token named \(name.text.quoted()) already: choose another name"
            )
        }
    }

    /// All access tokens of a user, by name.
    package func listTokens(of user: OwnerName) async throws -> [AccessToken] {
        try await all { last in
            guard let page = try await metadata.tokens(of: user, after: last?.name, limit: Self.pageSize) else {
                throw Self.noUser(user)
            }
            return page
        }
    }

    /// Removes an access token, which stops working at once.
    package func deleteToken(_ name: TokenName, of user: OwnerName) async throws {
        let outcome = try await metadata.removeToken(name, of: user)
        cache.forgetAll()
        switch outcome {
        case .removed: return
        case .accountNotFound: throw Self.noUser(user)
        case .tokenNotFound:
            throw RegistryError.notFound(
                "\(user) has no access token named \(name.text.quoted()): see granary admin token list \(user)"
            )
        }
    }
}
