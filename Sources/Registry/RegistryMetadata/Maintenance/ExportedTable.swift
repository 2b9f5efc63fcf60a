// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// A table as an export holds it; a test compares this list with the schema.
package struct ExportedTable: Hashable, Sendable {
    /// A column and the type of its values.
    package struct Column: Hashable, Sendable {
        package enum Kind: Sendable {
            case integer, text, bytes
        }

        package let name: String
        package let kind: Kind
    }

    package let name: String
    package let columns: [Column]
    /// How many of its first columns are the primary key, or another unique order to walk through it.
    let keyCount: Int
    /// Whether the database numbers its rows.
    let isNumbered: Bool

    /// Names columns with a word for their type each: `i` numbers, `t` texts, `b` bytes.
    private init(_ name: String, key: Int = 1, isNumbered: Bool = true, _ columns: KeyValuePairs<String, Column.Kind>) {
        self.name = name
        self.columns = columns.map { Column(name: $0.key, kind: $0.value) }
        keyCount = key
        self.isNumbered = isNumbered
    }

    /// The table of a name.
    package static func named(_ name: String) -> ExportedTable? { all.first { $0.name == name } }

    /// What an export does not hold: what belongs to running processes, to uploads on their way, and to the schema.
    package static let left = [
        "condemned_key", "lease", "reservation", "reserved_version", "schema_migration", "upload", "upload_part",
    ]

    /// All tables, each behind those it refers to; blobs come in the order of their keys, as stores list them.
    package static let all = [
        ExportedTable(
            "owner",
            [
                "id": .integer, "name": .text, "lower_name": .text, "kind": .text, "visibility": .text,
                "contract": .text, "full_name": .text, "description": .text, "website": .text, "location": .text,
                "contact_email": .text, "created_at": .integer, "file_size_limit": .integer, "size_limit": .integer,
                "version_limit": .integer,
            ]
        ),
        ExportedTable("owner_redirect", isNumbered: false, ["lower_name": .text, "owner_id": .integer]),
        ExportedTable(
            "account",
            isNumbered: false,
            [
                "owner_id": .integer, "email": .text, "lower_email": .text, "password_hash": .text,
                "is_administrator": .integer, "is_active": .integer, "is_login_prohibited": .integer,
                "is_restricted": .integer, "must_change_password": .integer, "is_email_hidden": .integer,
            ]
        ),
        ExportedTable(
            "team",
            [
                "id": .integer, "organization_id": .integer, "name": .text, "lower_name": .text, "description": .text,
                "is_owners": .integer, "is_administrators": .integer, "packages_permission": .text,
                "created_at": .integer,
            ]
        ),
        ExportedTable(
            "team_member",
            key: 2,
            isNumbered: false,
            ["team_id": .integer, "account_id": .integer]
        ),
        ExportedTable(
            "access_token",
            [
                "id": .integer, "account_id": .integer, "name": .text, "secret_sha256": .bytes, "last_eight": .text,
                "scopes": .text, "created_at": .integer, "expires_at": .integer, "last_used_at": .integer,
            ]
        ),
        ExportedTable(
            "blob",
            [
                "storage_key": .text, "id": .integer, "sha256": .bytes, "size": .integer, "md5": .bytes, "sha1": .bytes,
                "sha512": .bytes, "created_at": .integer,
            ]
        ),
        ExportedTable("blob_candidate", isNumbered: false, ["blob_id": .integer]),
        ExportedTable("blob_removal", isNumbered: false, ["storage_key": .text]),
        ExportedTable(
            "quarantine",
            isNumbered: false,
            ["storage_key": .text, "blob_id": .integer, "quarantined_at": .integer]
        ),
        ExportedTable(
            "package",
            [
                "id": .integer, "owner_id": .integer, "name": .text, "lower_name": .text, "version_count": .integer,
                "created_at": .integer,
            ]
        ),
        ExportedTable(
            "version",
            [
                "id": .integer, "package_id": .integer, "version": .text, "lower_version": .text,
                "creator_id": .integer, "created_at": .integer, "owner_id": .integer, "sort_key": .bytes,
                "is_release": .integer,
            ]
        ),
        ExportedTable(
            "file",
            [
                "id": .integer, "version_id": .integer, "blob_id": .integer, "name": .text, "lower_name": .text,
                "download_count": .integer, "created_at": .integer,
            ]
        ),
        ExportedTable(
            "draft",
            [
                "id": .integer, "owner_id": .integer, "package": .text, "lower_package": .text, "version": .text,
                "lower_version": .text, "creator_id": .integer, "size": .integer, "created_at": .integer,
                "expires_at": .integer, "new_version": .text,
            ]
        ),
        ExportedTable(
            "draft_file",
            [
                "id": .integer, "draft_id": .integer, "blob_id": .integer, "name": .text, "lower_name": .text,
                "created_at": .integer,
            ]
        ),
        ExportedTable(
            "owner_blob",
            key: 2,
            isNumbered: false,
            ["owner_id": .integer, "blob_id": .integer, "file_count": .integer]
        ),
        ExportedTable(
            "usage",
            key: 2,
            isNumbered: false,
            [
                "owner_id": .integer, "slot": .integer, "size": .integer, "version_count": .integer,
                "file_count": .integer, "reserved_size": .integer, "reserved_version_count": .integer,
                "upload_count": .integer, "draft_count": .integer,
            ]
        ),
    ]
}

// Statements made of the constants above; no value is ever part of one.
extension ExportedTable {
    private var columnList: String { columns.map(\.name).joined(separator: ", ") }
    private var key: ArraySlice<Column> { columns.prefix(keyCount) }

    /// The first rows, or those behind the key of another row.
    func page(isFirst: Bool, limit: Int) -> SQL {
        let order = key.map(\.name).joined(separator: ", ")
        let places = (1...keyCount).map { "$\($0)" }.joined(separator: ", ")
        let condition = isFirst ? "" : " WHERE (\(order)) > (\(places))"
        return SQL(migration: "SELECT \(columnList) FROM \(name)\(condition) ORDER BY \(order) LIMIT \(limit)")
    }

    /// The arguments of `page` that continue behind a row.
    func position(of row: SQLRow) -> [SQLValue] { Array(row.columns.prefix(keyCount)) }

    var insert: SQL {
        let places = (1...columns.count).map { "$\($0)" }.joined(separator: ", ")
        return SQL(migration: "INSERT INTO \(name) (\(columnList)) VALUES (\(places))")
    }

    var anyRow: SQL { SQL(migration: "SELECT 1 FROM \(name) LIMIT 1") }

    /// Lets PostgreSQL go on numbering behind the greatest number; SQLite does so by itself.
    var continueNumbering: SQL {
        SQL(
            migration: """
                SELECT setval(pg_get_serial_sequence('\(name)', 'id'), (SELECT MAX(id) FROM \(name)))
                WHERE EXISTS (SELECT 1 FROM \(name))
                """
        )
    }
}
