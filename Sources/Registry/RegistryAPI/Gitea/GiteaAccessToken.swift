// SPDX-License-Identifier: Apache-2.0

/// An access token, as Gitea's `AccessToken`.
package struct GiteaAccessToken: JSONRecord {
    package static let recordName = "AccessToken"

    package static let fields: [JSONField<GiteaAccessToken>] = [
        JSONField("id", \.id),
        JSONField("name", \.name),
        JSONField("sha1", \.secret),
        JSONField("token_last_eight", \.lastEight),
        JSONField("scopes", \.scopes),
        JSONField("created_at", \.createdAt),
        JSONField("last_used_at", \.lastUsedAt),
    ]

    package let id: Int64
    package let name: String
    /// The token itself; empty except in the response to its creation.
    package let secret: String
    package let lastEight: String
    package let scopes: [String]
    package let createdAt: JSONTime
    package let lastUsedAt: JSONTime

    /// Creates the record from its parts.
    package init(
        id: Int64,
        name: String,
        secret: String,
        lastEight: String,
        scopes: [String],
        createdAt: JSONTime,
        lastUsedAt: JSONTime
    ) {
        self.id = id
        self.name = name
        self.secret = secret
        self.lastEight = lastEight
        self.scopes = scopes
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}
