// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Creates an access token.
    package func createToken(_ token: NewAccessToken) async throws -> TokenCreation {
        try await writeRetrying { connection in
            guard try Self.findUser(token.account, connection) != nil else { return .accountNotFound }
            let now = try connection.now()
            return try connection.first(
                """
                INSERT INTO access_token (account_id, name, secret_sha256, last_eight, scopes, created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (account_id, name) DO NOTHING
                RETURNING id, name, last_eight, scopes, created_at, expires_at, last_used_at
                """,
                [
                    .integer(token.account), .text(token.name.text), .digest(token.secretSHA256),
                    .text(token.lastEight),
                    .text(token.scopes.names.joined(separator: ",")), .time(now),
                    .time(token.lifetime.map { now.adding($0) }),
                ]
            ).map { .created(try $0.accessToken()) } ?? .nameTaken
        }
    }

    /// Lists the access tokens of a user by name, after one that was listed before.
    package func tokens(of account: Int64, after name: TokenName?, limit: Int) async throws -> [AccessToken] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT id, name, last_eight, scopes, created_at, expires_at, last_used_at FROM access_token
                WHERE account_id = $1 AND name > $2 ORDER BY name LIMIT $3
                """,
                [.integer(account), .text(name?.text ?? ""), .integer(Int64(limit))]
            ).map { try $0.accessToken() }
        }
    }

    /// The access tokens of a user, the newest first.
    package func tokens(of account: Int64, page: ListPage) async throws -> Listing<AccessToken> {
        try await database.read { connection in
            try connection.listing(
                count: "SELECT COUNT(*) FROM access_token WHERE account_id = $1",
                rows: """
                    SELECT id, name, last_eight, scopes, created_at, expires_at, last_used_at FROM access_token
                    WHERE account_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3
                    """,
                [.integer(account)],
                page
            ) { try $0.accessToken() }
        }
    }

    /// Removes an access token by its number.
    package func removeToken(id: Int64, of account: Int64) async throws -> TokenRemoval {
        try await writeRetrying(telling: .access) { connection in
            let removed = try connection.execute(
                "DELETE FROM access_token WHERE account_id = $1 AND id = $2",
                [.integer(account), .integer(id)]
            )
            return removed > 0 ? .removed : .tokenNotFound
        }
    }

    /// Removes an access token by its name.
    package func removeToken(_ name: TokenName, of account: Int64) async throws -> TokenRemoval {
        try await writeRetrying(telling: .access) { connection in
            let removed = try connection.execute(
                "DELETE FROM access_token WHERE account_id = $1 AND name = $2",
                [.integer(account), .text(name.text)]
            )
            return removed > 0 ? .removed : .tokenNotFound
        }
    }
}
