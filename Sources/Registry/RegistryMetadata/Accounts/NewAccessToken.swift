// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// An access token that is to be created.
package struct NewAccessToken: Sendable {
    package let account: Int64
    package let name: TokenName
    package let secretSHA256: Digest
    package let lastEight: String
    package let scopes: ScopeSet
    /// The time until its expiry, by the database's clock; nil if it does not expire.
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

/// The outcome of creating an access token.
package enum TokenCreation: Hashable, Sendable {
    case created(AccessToken)
    case accountNotFound
    /// The account has a token of this name.
    case nameTaken
}

/// The outcome of removing an access token.
package enum TokenRemoval: Hashable, Sendable {
    case removed
    case tokenNotFound
}

/// The account and the rights that an access token stands for.
package struct TokenCredential: Hashable, Sendable {
    package let account: Account
    package let scopes: ScopeSet
    package let tokenID: Int64
    /// The time until its expiry, by the database's clock, not positive if it has expired; nil if it does not expire.
    package let remaining: Duration?
    /// Whether its last use was recorded within the last minute.
    package let wasUsedRecently: Bool
}
