// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    private static let usePrecision = Duration.seconds(60)

    /// Finds an account by its name or e-mail address, in any letter case, with the hash of its password.
    package func credential(named login: String) async throws -> (account: Account, passwordHash: String?)? {
        // PostgreSQL cannot even be asked for such a text.
        guard !login.utf8.contains(0) else { return nil }
        // No name of an owner contains an @, and every e-mail address does.
        let statement: SQL =
            login.contains("@")
            ? """
            SELECT owner.id, owner.name, account.is_administrator, account.is_active,
                account.is_login_prohibited, account.is_restricted, account.must_change_password, account.password_hash
            FROM account JOIN owner ON owner.id = account.owner_id
            WHERE account.lower_email = $1
            """
            : """
            SELECT owner.id, owner.name, account.is_administrator, account.is_active,
                account.is_login_prohibited, account.is_restricted, account.must_change_password, account.password_hash
            FROM owner JOIN account ON account.owner_id = owner.id
            WHERE owner.lower_name = $1
            """
        return try await database.read { connection in
            try connection.first(statement, [.text(login.lowercased())])
                .map { (account: try $0.account(startingAt: 0), passwordHash: try $0.optionalText(7)) }
        }
    }

    /// Finds what an access token stands for, expired or not.
    package func accountWithToken(secretSHA256 digest: Digest) async throws -> TokenCredential? {
        try await database.read { connection in
            let now = try connection.now()
            return try connection.first(
                """
                SELECT owner.id, owner.name, account.is_administrator, account.is_active,
                    account.is_login_prohibited, account.is_restricted, account.must_change_password,
                    access_token.scopes, access_token.id, access_token.expires_at, access_token.last_used_at
                FROM access_token
                JOIN account ON account.owner_id = access_token.account_id
                JOIN owner ON owner.id = account.owner_id
                WHERE access_token.secret_sha256 = $1
                """,
                [.digest(digest)]
            ).map { try Self.tokenCredential($0, now) }
        }
    }

    /// Records that an access token was used, at most once a minute.
    package func touchToken(_ id: Int64) async throws {
        try await database.write { connection in
            let now = try connection.now()
            try connection.execute(
                """
                UPDATE access_token SET last_used_at = $2
                WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
                """,
                [.integer(id), .time(now), .time(now.adding(.zero - Self.usePrecision))]
            )
        }
    }

    private static func tokenCredential(_ row: SQLRow, _ now: Timestamp) throws -> TokenCredential {
        let lastUse = try row.optionalTime(10)
        return TokenCredential(
            account: try row.account(startingAt: 0),
            scopes: try row.scopes(7),
            tokenID: try row.integer(8),
            remaining: try row.optionalTime(9).map { .microseconds($0.microseconds - now.microseconds) },
            wasUsedRecently: lastUse.map { now < $0.adding(usePrecision) } ?? false
        )
    }
}
