// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var owners: OwnerRows { OwnerRows(tx: self) }
}

/// The table of users and organizations, and the former names that lead to them.
struct OwnerRows {
    let tx: Transaction

    private static let byName: SQL = "SELECT \(Owner.columns) FROM owner WHERE owner.lower_name = $1"
    private static let byID: SQL = "SELECT \(Owner.columns) FROM owner WHERE owner.id = $1"
    private static let seen: SQL = "SELECT \(FoundOwner.columns) FROM \(FoundOwner.source)"

    /// Finds an owner by its name, in any letter case.
    func find(_ name: OwnerName) throws -> Owner? { try tx.first(Self.byName, [.text(name.folded)]) }

    func find(_ id: Int64) throws -> Owner? { try tx.first(Self.byID, [.integer(id)]) }

    func findOrganization(_ id: Int64) throws -> Owner? {
        let owner = try find(id)
        return owner?.kind == .organization ? owner : nil
    }

    /// Finds an owner by its present or a former name, and what an account's access to it depends on.
    ///
    /// This is a single statement, the same for an owner that exists, for one that is hidden and for none, so that the time that it
    /// takes does not tell them apart.
    func find(_ name: OwnerName, seenBy account: Account?) throws -> FoundOwner? {
        try tx.first(Self.seen, FoundOwner.arguments(name, account)) { try FoundOwner.readIfFound(&$0) } ?? nil
    }

    /// Returns what an account's access to an owner depends on.
    func access(to owner: Owner, by account: Account?) throws -> OwnerAccess {
        switch owner.kind {
        case .user:
            return OwnerAccess(kind: .user(id: owner.id), visibility: owner.visibility, membership: nil)
        case .organization:
            let membership = try account.flatMap { try tx.teams.membership(of: $0.id, in: owner.id) }
            return OwnerAccess(kind: .organization, visibility: owner.visibility, membership: membership)
        }
    }

    /// Adds an owner and returns its number; nil if the name is taken.
    func insert(_ name: OwnerName, _ kind: Owner.Kind, _ visibility: Visibility) throws -> Int64? {
        // A new owner of a former name ends its redirect.
        try tx.execute("DELETE FROM owner_redirect WHERE lower_name = $1", [.text(name.folded)])
        return try tx.integer(
            """
            INSERT INTO owner (name, lower_name, kind, visibility, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (lower_name) DO NOTHING RETURNING id
            """,
            [
                .text(name.text), .text(name.folded), .text(kind.rawValue), .text(visibility.rawValue),
                .time(try tx.now),
            ]
        )
    }

    /// Gives an owner another name, and redirects the former one.
    func rename(_ owner: Owner, to new: OwnerName) throws {
        try tx.execute(
            "UPDATE owner SET name = $2, lower_name = $3 WHERE id = $1",
            [.integer(owner.id), .text(new.text), .text(new.folded)]
        )
        try tx.execute("DELETE FROM owner_redirect WHERE lower_name = $1", [.text(new.folded)])
        guard owner.name.folded != new.folded else { return }
        try tx.execute(
            """
            INSERT INTO owner_redirect (lower_name, owner_id) VALUES ($1, $2)
            ON CONFLICT (lower_name) DO UPDATE SET owner_id = excluded.owner_id
            """,
            [.text(owner.name.folded), .integer(owner.id)]
        )
    }

    /// Changes the profile and the visibility of an owner.
    func apply(_ change: OwnerChange, to id: Int64) throws {
        try tx.execute(
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

    /// Changes how an owner publishes; returns false if there is no such owner.
    func apply(_ change: OwnerSettingsChange, to id: Int64) throws -> Bool {
        try tx.execute(
            """
            UPDATE owner SET
                contract = CASE WHEN $2 = 1 THEN $3 ELSE contract END,
                file_size_limit = CASE WHEN $4 = 1 THEN $5 ELSE file_size_limit END,
                size_limit = CASE WHEN $6 = 1 THEN $7 ELSE size_limit END,
                version_limit = CASE WHEN $8 = 1 THEN $9 ELSE version_limit END
            WHERE id = $1
            """,
            [.integer(id), .flag(change.contract != nil), .text(change.contract??.rawValue)]
                + [change.fileSize, change.totalSize, change.versionCount].flatMap { limit in
                    [SQLValue.flag(limit != nil), .integer(limit?.number)]
                }
        ) > 0
    }

    /// Returns the limits that were set for an owner.
    func limits(of id: Int64) throws -> OwnerLimits {
        try tx.first("SELECT \(OwnerLimits.columns) FROM owner WHERE owner.id = $1", [.integer(id)]) ?? OwnerLimits()
    }

    /// Keeps an owner from being removed before this transaction ends, which waits for a removal in progress.
    ///
    /// Foreign keys would do so later, when the transaction holds rows that the removal wants.
    func keep(_ id: Int64) throws {
        guard tx.dialect == .postgres else { return }
        _ = try tx.exists("SELECT id FROM owner WHERE id = $1 FOR KEY SHARE", [.integer(id)])
    }

    /// Waits for all transactions that refer to an owner or its account, and makes later ones wait.
    func lock(_ id: Int64) throws {
        guard tx.dialect == .postgres else { return }
        _ = try tx.exists("SELECT id FROM owner WHERE id = $1 FOR UPDATE", [.integer(id)])
        _ = try tx.exists("SELECT owner_id FROM account WHERE owner_id = $1 FOR UPDATE", [.integer(id)])
    }

    /// Removes an owner that has neither packages nor drafts, with everything else that belongs to it.
    func remove(_ id: Int64) throws -> OwnerRemoval {
        // A row that appears after this is refused by its foreign key; then this transaction is retried.
        let ownsPackages = try tx.exists(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM package WHERE owner_id = $1)
                OR EXISTS (SELECT 1 FROM draft WHERE owner_id = $1)
            """,
            [.integer(id)]
        )
        guard !ownsPackages else { return .ownsPackages }
        let dropped = try tx.reservedVersions.release(tx.uploads.dropAll(ofOwner: id))
        try tx.execute("DELETE FROM owner WHERE id = $1", [.integer(id)])
        try tx.usage.add(dropped, owner: id)
        // After the owner's row, which a publisher holds before it counts.
        try tx.execute("DELETE FROM usage WHERE owner_id = $1", [.integer(id)])
        return .removed
    }
}

extension Owner: SQLRecord {
    static let columns: SQL = "owner.id, owner.name, owner.kind, owner.visibility, owner.contract"

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            name: try OwnerName(try row.text()),
            kind: try row.word(),
            visibility: try row.word(),
            contract: try row.optionalWord()
        )
    }
}

extension OwnerLimits: SQLRecord {
    static let columns: SQL = "owner.file_size_limit, owner.size_limit, owner.version_limit"

    init(reading row: inout RowReader) throws {
        self.init()
        fileSize = try row.ownLimit()
        totalSize = try row.ownLimit()
        versionCount = try row.ownLimit()
    }
}

extension RowReader {
    fileprivate mutating func ownLimit() throws -> OwnLimit {
        guard let limit = OwnLimit(number: try optionalInteger()) else {
            throw SQLError(.unexpectedValue, "an owner's limit is not a limit: the database was modified manually")
        }
        return limit
    }
}

/// An owner, and what one account's access to it depends on.
struct FoundOwner: Sendable {
    let owner: Owner
    let access: OwnerAccess

    /// The owner, whether the account is one of its Owners, and the account's highest permission as a number.
    static let columns: SQL = """
        \(Owner.columns),
        (SELECT MAX(team.is_owners) FROM team JOIN team_member ON team_member.team_id = team.id
            WHERE team.organization_id = named.id AND team_member.account_id = $2),
        (SELECT MAX(CASE team.packages_permission WHEN 'write' THEN 2 WHEN 'read' THEN 1 ELSE 0 END)
            FROM team JOIN team_member ON team_member.team_id = team.id
            WHERE team.organization_id = named.id AND team_member.account_id = $2)
        """

    /// One row, of nulls if no owner has the name.
    static let source: SQL = """
        (SELECT COALESCE((SELECT id FROM owner WHERE lower_name = $1),
            (SELECT owner_id FROM owner_redirect WHERE lower_name = $1)) AS id) AS named
        LEFT JOIN owner ON owner.id = named.id
        """

    /// The first two parameters of a statement on `source`.
    static func arguments(_ name: OwnerName, _ account: Account?) -> [SQLValue] {
        [.text(name.folded), .integer(account?.id ?? 0)]
    }

    /// Reads the columns; returns nil for a row without an owner.
    static func readIfFound(_ row: inout RowReader) throws -> FoundOwner? {
        guard !row.isNull else { return nil }
        let owner = try Owner(reading: &row)
        let (isOwner, permission) = (try row.optionalInteger(), try row.optionalInteger() ?? 0)
        guard owner.kind == .organization else {
            let access = OwnerAccess(kind: .user(id: owner.id), visibility: owner.visibility, membership: nil)
            return FoundOwner(owner: owner, access: access)
        }
        let membership = isOwner.map { isOwner in
            Membership(isOwner: isOwner != 0, packages: permission == 2 ? .write : permission == 1 ? .read : .none)
        }
        let access = OwnerAccess(kind: .organization, visibility: owner.visibility, membership: membership)
        return FoundOwner(owner: owner, access: access)
    }
}
