// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var profiles: ProfileRows { ProfileRows(tx: self) }
}

/// Owners joined with their accounts.
struct ProfileRows {
    let tx: Transaction

    private static let byID: SQL = "SELECT \(OwnerProfile.columns) FROM \(OwnerProfile.source) WHERE owner.id = $1"

    func find(_ id: Int64) throws -> OwnerProfile? { try tx.first(Self.byID, [.integer(id)]) }

    /// Returns a page of the owners that a condition selects, by name.
    func list(_ condition: SQL, _ arguments: [SQLValue], window: SQL, _ page: ListPage) throws -> Listing<OwnerProfile>
    {
        try tx.listing(
            count: "SELECT COUNT(*) FROM \(OwnerProfile.source) WHERE \(condition)",
            rows: """
                SELECT \(OwnerProfile.columns) FROM \(OwnerProfile.source) WHERE \(condition)
                ORDER BY owner.lower_name \(window)
                """,
            arguments,
            page
        )
    }
}

extension OwnerProfile: SQLRecord {
    static let columns: SQL = """
        \(Owner.columns), owner.full_name, owner.description, owner.website, owner.location, owner.created_at,
        COALESCE(account.email, owner.contact_email), account.is_administrator, account.is_active,
        account.is_login_prohibited, account.is_restricted, account.must_change_password, account.is_email_hidden
        """
    static let source: SQL = "owner LEFT JOIN account ON account.owner_id = owner.id"
    private static let columnCount = 17

    init(reading row: inout RowReader) throws {
        let owner = try Owner(reading: &row)
        let details = OwnerDetails(
            fullName: try row.text(),
            description: try row.text(),
            website: try row.text(),
            location: try row.text()
        )
        let (createdAt, email) = (try row.time(), try row.text())
        var account: Account?
        if owner.kind == .user {
            account = Account(
                id: owner.id,
                name: owner.name,
                isAdministrator: try row.flag(),
                isActive: try row.flag(),
                isLoginProhibited: try row.flag(),
                isRestricted: try row.flag(),
                mustChangePassword: try row.flag()
            )
        } else {
            row.skip(5)
        }
        self.init(
            owner: owner,
            details: details,
            createdAt: createdAt,
            email: email,
            account: account,
            isEmailHidden: try row.optionalInteger() == 1
        )
    }

    /// Reads the columns where an owner need not exist.
    static func readIfFound(_ row: inout RowReader) throws -> OwnerProfile? {
        guard row.isNull else { return try OwnerProfile(reading: &row) }
        row.skip(columnCount)
        return nil
    }
}
