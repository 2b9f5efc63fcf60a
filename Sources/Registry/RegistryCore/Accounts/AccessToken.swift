// SPDX-License-Identifier: Apache-2.0

/// An access token without its secret, which only its holder has.
package struct AccessToken: Hashable, Sendable {
    package let id: Int64
    package let name: TokenName
    /// The last eight characters of the secret, by which its holder recognizes it.
    package let lastEight: String
    package let scopes: ScopeSet
    package let createdAt: Timestamp
    /// The time of its expiry; nil if it does not expire.
    package let expiresAt: Timestamp?
    package let lastUsedAt: Timestamp?

    package init(
        id: Int64,
        name: TokenName,
        lastEight: String,
        scopes: ScopeSet,
        createdAt: Timestamp,
        expiresAt: Timestamp?,
        lastUsedAt: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.lastEight = lastEight
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }
}
