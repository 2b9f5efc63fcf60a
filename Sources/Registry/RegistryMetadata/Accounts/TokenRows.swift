// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var tokens: TokenRows { TokenRows(tx: self) }
}

/// The table of access tokens.
struct TokenRows {
    let tx: Transaction

    /// Adds a token; nil if its account has one of this name.
    func insert(_ token: NewAccessToken) throws -> AccessToken? {
        let now = try tx.now
        return try tx.first(
            """
            INSERT INTO access_token (account_id, name, secret_sha256, last_eight, scopes, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (account_id, name) DO NOTHING RETURNING \(AccessToken.columns)
            """,
            [
                .integer(token.account), .text(token.name.text), .digest(token.secretSHA256), .text(token.lastEight),
                .text(token.scopes.names.joined(separator: ",")), .time(now),
                .time(token.lifetime.map { now.adding($0) }),
            ]
        )
    }
}

extension AccessToken: SQLRecord {
    static let columns: SQL = """
        access_token.id, access_token.name, access_token.last_eight, access_token.scopes, access_token.created_at,
        access_token.expires_at, access_token.last_used_at
        """

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            name: try TokenName(try row.text()),
            lastEight: try row.text(),
            scopes: try row.scopes(),
            createdAt: try row.time(),
            expiresAt: try row.optionalTime(),
            lastUsedAt: try row.optionalTime()
        )
    }
}

extension RowReader {
    /// Reads scopes, whose names are separated by commas.
    mutating func scopes() throws -> ScopeSet {
        try ScopeSet(parsing: try text().split(separator: ",").map(String.init))
    }
}
