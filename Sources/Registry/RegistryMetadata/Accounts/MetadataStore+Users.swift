// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Whether there is any account.
    package func hasAccounts() async throws -> Bool {
        try await database.read { try $0.first("SELECT 1 FROM account LIMIT 1", []) != nil }
    }

    /// Creates a user; the unique constraints decide who gets a name or an e-mail address.
    package func createUser(_ user: NewUser) async throws -> UserCreation {
        try await writeUnlessRolledBack { connection in
            let inserted = try Self.insertOwner(user.name, .user, user.visibility, connection)
            guard let id = inserted else { throw Rollback(UserCreation.nameTaken) }
            if let details = user.details { try Self.apply(details, toOwner: id, connection) }
            let account = try connection.first(
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
            guard account != nil, let created = try Self.findUser(user.name, connection) else {
                throw Rollback(UserCreation.emailTaken)
            }
            return .created(created)
        }
    }

    /// Finds a user by its name, in any letter case.
    package func user(_ name: OwnerName) async throws -> User? {
        try await database.read { try Self.findUser(name, $0) }
    }

    /// Lists users by name, beginning after one that was listed before.
    package func users(after name: OwnerName?, limit: Int) async throws -> [User] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT owner.id, owner.name, account.is_administrator, account.is_active,
                    account.is_login_prohibited, account.is_restricted, account.must_change_password,
                    account.email, owner.visibility, owner.created_at
                FROM account JOIN owner ON owner.id = account.owner_id
                WHERE owner.lower_name > $1 ORDER BY owner.lower_name LIMIT $2
                """,
                [.text(name?.folded ?? ""), .integer(Int64(limit))]
            ).map { try $0.user() }
        }
    }

    /// Changes a user; refused when no administrator who can sign in would be left.
    package func updateUser(_ id: Int64, _ change: UserChange) async throws -> UserUpdate {
        do {
            return try await tryToUpdateUser(id, change)
        } catch let error as SQLError where error.code == .uniqueViolation {
            return .emailTaken
        }
    }

    private func tryToUpdateUser(_ id: Int64, _ change: UserChange) async throws -> UserUpdate {
        try await writeUnlessRolledBack(telling: .access) { connection in
            if change.endsAdministration { try Self.lockAdministrators(connection) }
            guard let user = try Self.findUser(id, connection) else { return .notFound }
            if change.endsAdministration, try Self.isLastAdministrator(user.account, connection) {
                return .lastAdministrator
            }
            try Self.apply(change, to: id, connection)
            guard let updated = try Self.findUser(id, connection) else { return .notFound }
            return .updated(updated)
        }
    }

    /// Adds an owner and returns its id; nil when the name is taken.
    static func insertOwner(
        _ name: OwnerName,
        _ kind: Owner.Kind,
        _ visibility: Visibility,
        _ connection: any SQLConnection
    ) throws -> Int64? {
        // Whoever takes a name that another owner had before ends its leading there.
        try connection.execute("DELETE FROM owner_redirect WHERE lower_name = $1", [.text(name.folded)])
        return try connection.first(
            """
            INSERT INTO owner (name, lower_name, kind, visibility, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (lower_name) DO NOTHING RETURNING id
            """,
            [
                .text(name.text), .text(name.folded), .text(kind.rawValue), .text(visibility.rawValue),
                .time(try connection.now()),
            ]
        )?.integer(0)
    }

    /// Finds a user by its name, in any letter case.
    static func findUser(_ name: OwnerName, _ connection: any SQLConnection) throws -> User? {
        try connection.first(
            """
            SELECT owner.id, owner.name, account.is_administrator, account.is_active,
                account.is_login_prohibited, account.is_restricted, account.must_change_password,
                    account.email, owner.visibility, owner.created_at
            FROM account JOIN owner ON owner.id = account.owner_id
            WHERE owner.lower_name = $1
            """,
            [.text(name.folded)]
        )?.user()
    }

    /// Finds a user by its number.
    static func findUser(_ id: Int64, _ connection: any SQLConnection) throws -> User? {
        try connection.first(
            """
            SELECT owner.id, owner.name, account.is_administrator, account.is_active,
                account.is_login_prohibited, account.is_restricted, account.must_change_password,
                    account.email, owner.visibility, owner.created_at
            FROM account JOIN owner ON owner.id = account.owner_id
            WHERE account.owner_id = $1
            """,
            [.integer(id)]
        )?.user()
    }

    /// Orders transactions that take administrators away, so that two of them cannot each spare the other's.
    static func lockAdministrators(_ connection: any SQLConnection) throws {
        try connection.execute("UPDATE account SET is_administrator = 1 WHERE is_administrator = 1")
    }

    /// Whether the account is the only administrator who can sign in.
    static func isLastAdministrator(_ account: Account, _ connection: any SQLConnection) throws -> Bool {
        guard account.isAdministrator, account.isUsable else { return false }
        return try connection.first(
            """
            SELECT 1 FROM account
            WHERE is_administrator = 1 AND is_active = 1 AND is_login_prohibited = 0 AND owner_id <> $1 LIMIT 1
            """,
            [.integer(account.id)]
        ) == nil
    }

    private static func apply(_ change: UserChange, to id: Int64, _ connection: any SQLConnection) throws {
        try connection.execute(
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
        try apply(owner, toOwner: id, connection)
    }

    /// Changes what an owner says about itself.
    static func apply(_ change: OwnerChange, toOwner id: Int64, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE owner SET
                visibility = COALESCE($2, visibility),
                full_name = COALESCE($3, full_name),
                description = COALESCE($4, description),
                website = COALESCE($5, website),
                location = COALESCE($6, location),
                contact_email = COALESCE($7, contact_email)
            WHERE id = $1
            """,
            [
                .integer(id), .text(change.visibility?.rawValue), .text(change.fullName), .text(change.description),
                .text(change.website), .text(change.location), .text(change.contactEmail),
            ]
        )
    }

    private static func optional(_ flag: Bool?) -> SQLValue {
        flag.map { .flag($0) } ?? .null
    }
}
