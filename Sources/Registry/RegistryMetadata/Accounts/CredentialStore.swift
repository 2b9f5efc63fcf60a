// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// What accounts sign in with: passwords and access tokens.
package struct CredentialStore: Sendable {
    private static let usePrecision = Duration.seconds(60)

    let database: MetadataDatabase

    private static let byName: SQL = """
        SELECT \(Account.columns), account.password_hash
        FROM owner JOIN account ON account.owner_id = owner.id WHERE owner.lower_name = $1
        """
    private static let byAddress: SQL = """
        SELECT \(Account.columns), account.password_hash
        FROM account JOIN owner ON owner.id = account.owner_id WHERE account.lower_email = $1
        """
    private static let byToken: SQL = """
        SELECT \(Account.columns),
            access_token.scopes, access_token.id, access_token.expires_at, access_token.last_used_at
        FROM access_token
        JOIN account ON account.owner_id = access_token.account_id
        JOIN owner ON owner.id = account.owner_id
        WHERE access_token.secret_sha256 = $1
        """

    /// Finds an account by its name or e-mail address, in any letter case, with the hash of its password.
    package func credential(named login: String) async throws -> (account: Account, passwordHash: String?)? {
        // PostgreSQL rejects such a text in a parameter.
        guard !login.utf8.contains(0) else { return nil }
        return try await database.read { tx in
            // No name of an owner contains an @, and every e-mail address does.
            try tx.first(login.contains("@") ? Self.byAddress : Self.byName, [.text(login.lowercased())]) { row in
                (account: try Account(reading: &row), passwordHash: try row.optionalText())
            }
        }
    }

    /// Finds what an access token stands for, expired or not.
    package func accountWithToken(secretSHA256 digest: Digest) async throws -> TokenCredential? {
        try await database.read { tx in
            let now = try tx.now
            return try tx.first(Self.byToken, [.digest(digest)]) { row in
                TokenCredential(
                    account: try Account(reading: &row),
                    scopes: try row.scopes(),
                    tokenID: try row.integer(),
                    remaining: try row.optionalTime().map { .microseconds($0.microseconds - now.microseconds) },
                    wasUsedRecently: try row.optionalTime().map { now < $0.adding(Self.usePrecision) } ?? false
                )
            }
        }
    }

    /// Records that an access token was used, at most once a minute.
    package func touchToken(_ id: Int64) async throws {
        try await database.write { tx in
            let now = try tx.now
            _ = try tx.execute(
                """
                UPDATE access_token SET last_used_at = $2
                WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
                """,
                [.integer(id), .time(now), .time(now.adding(.zero - Self.usePrecision))]
            )
        }
    }

    package func createToken(_ token: NewAccessToken) async throws -> TokenCreation {
        try await database.write { tx in
            guard try tx.users.find(token.account) != nil else { return .accountNotFound }
            return try tx.tokens.insert(token).map { .created($0) } ?? .nameTaken
        }
    }

    /// Lists the access tokens of a user by name, after one that was listed before.
    package func tokens(of account: Int64, after name: TokenName?, limit: Int) async throws -> [AccessToken] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT \(AccessToken.columns) FROM access_token
                WHERE account_id = $1 AND name > $2 ORDER BY name LIMIT $3
                """,
                [.integer(account), .text(name?.text ?? ""), .integer(Int64(limit))]
            )
        }
    }

    /// Lists the access tokens of a user, the newest first.
    package func tokens(of account: Int64, page: ListPage) async throws -> Listing<AccessToken> {
        try await database.read { tx in
            try tx.listing(
                count: "SELECT COUNT(*) FROM access_token WHERE account_id = $1",
                rows: """
                    SELECT \(AccessToken.columns) FROM access_token
                    WHERE account_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3
                    """,
                [.integer(account)],
                page
            )
        }
    }

    package func removeToken(id: Int64, of account: Int64) async throws -> TokenRemoval {
        try await database.write(telling: .access) { tx in
            let removed = try tx.execute(
                "DELETE FROM access_token WHERE account_id = $1 AND id = $2",
                [.integer(account), .integer(id)]
            )
            return removed > 0 ? .removed : .tokenNotFound
        }
    }

    package func removeToken(_ name: TokenName, of account: Int64) async throws -> TokenRemoval {
        try await database.write(telling: .access) { tx in
            let removed = try tx.execute(
                "DELETE FROM access_token WHERE account_id = $1 AND name = $2",
                [.integer(account), .text(name.text)]
            )
            return removed > 0 ? .removed : .tokenNotFound
        }
    }
}
