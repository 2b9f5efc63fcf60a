// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// An access token without its secret, which only its holder knows.
package struct AccessToken: Hashable, Sendable {
    package let id: Int64
    package let name: TokenName
    /// The end of the secret, by which its holder recognises it.
    package let lastEight: String
    package let scopes: ScopeSet
    package let createdAt: Timestamp
    /// When it ends; nil for never.
    package let expiresAt: Timestamp?
    package let lastUsedAt: Timestamp?
}

/// An access token that is to be created.
package struct NewAccessToken: Sendable {
    package let account: Int64
    package let name: TokenName
    package let secretSHA256: Digest
    package let lastEight: String
    package let scopes: ScopeSet
    /// How long it is valid, from now on by the database's clock; nil for ever.
    package let lifetime: Duration?

    /// Describes the token.
    package init(
        account: Int64,
        name: TokenName,
        secretSHA256: Digest,
        lastEight: String,
        scopes: ScopeSet,
        lifetime: Duration?
    ) {
        self.account = account
        self.name = name
        self.secretSHA256 = secretSHA256
        self.lastEight = lastEight
        self.scopes = scopes
        self.lifetime = lifetime
    }
}

/// How the creation of an access token ended.
package enum TokenCreation: Hashable, Sendable {
    case created(AccessToken)
    case accountNotFound
    /// The account has a token of this name.
    case nameTaken
}

/// How the removal of an access token ended.
package enum TokenRemoval: Hashable, Sendable {
    case removed
    case tokenNotFound
}

/// What an access token stands for.
package struct TokenCredential: Hashable, Sendable {
    package let account: Account
    package let scopes: ScopeSet
    package let tokenID: Int64
    /// How long it is still valid by the database's clock, zero or less when it has expired; nil for ever.
    package let remaining: Duration?
    /// Whether its last use was recorded less than a minute ago.
    package let wasUsedRecently: Bool
}
