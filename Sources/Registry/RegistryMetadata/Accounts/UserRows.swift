// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var users: UserRows { UserRows(tx: self) }
}

/// The table of accounts, each of which is a user.
struct UserRows {
    let tx: Transaction

    /// Finds a user by its name, in any letter case.
    func find(_ name: OwnerName) throws -> User? {
        try tx.first("SELECT \(User.columns) FROM \(User.source) WHERE owner.lower_name = $1", [.text(name.folded)])
    }

    func find(_ id: Int64) throws -> User? {
        try tx.first("SELECT \(User.columns) FROM \(User.source) WHERE account.owner_id = $1", [.integer(id)])
    }

    /// Adds the account of a user; returns false if its e-mail address is taken.
    func insert(_ user: NewUser, id: Int64) throws -> Bool {
        try tx.exists(
            """
            INSERT INTO account (
                owner_id, email, lower_email, password_hash,
                is_administrator, is_active, is_login_prohibited, is_restricted, must_change_password
            ) VALUES ($1, $2, $3, $4, $5, 1, 0, $6, $7)
            ON CONFLICT (lower_email) DO NOTHING RETURNING owner_id
            """,
            [
                .integer(id), .text(user.email.text), .text(user.email.folded), .text(user.passwordHash),
                .flag(user.isAdministrator), .flag(user.isRestricted), .flag(user.mustChangePassword),
            ]
        )
    }

    func apply(_ change: UserChange, to id: Int64) throws {
        func optional(_ flag: Bool?) -> SQLValue { flag.map { .flag($0) } ?? .null }
        try tx.execute(
            """
            UPDATE account SET
                password_hash = COALESCE($2, password_hash),
                is_administrator = COALESCE($3, is_administrator),
                is_active = COALESCE($4, is_active),
                is_login_prohibited = COALESCE($5, is_login_prohibited),
                is_restricted = COALESCE($6, is_restricted),
                must_change_password = COALESCE($7, must_change_password),
                is_email_hidden = COALESCE($8, is_email_hidden),
                email = COALESCE($9, email),
                lower_email = COALESCE($10, lower_email)
            WHERE owner_id = $1
            """,
            [
                .integer(id), .text(change.passwordHash), optional(change.isAdministrator), optional(change.isActive),
                optional(change.isLoginProhibited), optional(change.isRestricted),
                optional(change.mustChangePassword), optional(change.isEmailHidden),
                .text(change.email?.text), .text(change.email?.folded),
            ]
        )
        var owner = change.details
        owner.visibility = change.visibility
        try tx.owners.apply(owner, to: id)
    }

    /// Serializes transactions that take administrators away, so that two of them cannot each spare the other's.
    func lockAdministrators() throws {
        try tx.execute("UPDATE account /* all rows */ SET is_administrator = 1 WHERE is_administrator = 1")
    }

    /// Returns whether an account is the only administrator who can sign in.
    func isLastAdministrator(_ account: Account) throws -> Bool {
        guard account.isAdministrator, account.isUsable else { return false }
        return try !tx.exists(
            """
            SELECT 1 FROM account
            WHERE is_administrator = 1 AND is_active = 1 AND is_login_prohibited = 0 AND owner_id <> $1 /* all rows */ LIMIT 1
            """,
            [.integer(account.id)]
        )
    }
}

extension Account: SQLRecord {
    static let columns: SQL = """
        owner.id, owner.name, account.is_administrator, account.is_active, account.is_login_prohibited,
        account.is_restricted, account.must_change_password
        """

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            name: try OwnerName(try row.text()),
            isAdministrator: try row.flag(),
            isActive: try row.flag(),
            isLoginProhibited: try row.flag(),
            isRestricted: try row.flag(),
            mustChangePassword: try row.flag()
        )
    }
}

extension User: SQLRecord {
    static let columns: SQL = "\(Account.columns), account.email, owner.visibility, owner.created_at"
    static let source: SQL = "account JOIN owner ON owner.id = account.owner_id"

    init(reading row: inout RowReader) throws {
        self.init(
            account: try Account(reading: &row),
            email: try EmailAddress(try row.text()),
            visibility: try row.word(),
            createdAt: try row.time()
        )
    }
}
