// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// An access token, as Gitea's `AccessToken`.
package struct GiteaAccessToken: JSONRecord {
    package static let recordName = "AccessToken"

    package static let fields: [JSONField<GiteaAccessToken>] = [
        JSONField("id", \.token.id),
        JSONField("name", \.token.name.text),
        .textOrEmpty("sha1", \.secret),
        JSONField("token_last_eight", \.token.lastEight),
        JSONField("scopes", \.token.scopes.names),
        JSONField("created_at", \.token.createdAt),
        JSONField("last_used_at", \.lastUsedAt),
    ]

    private let token: AccessToken
    private let secret: String?

    /// Creates the record of a token, with its secret only in the response to its creation.
    package init(_ token: AccessToken, secret: String?) {
        self.token = token
        self.secret = secret
    }

    private var lastUsedAt: JSONTime { token.lastUsedAt.map { .moment($0) } ?? .never }
}
