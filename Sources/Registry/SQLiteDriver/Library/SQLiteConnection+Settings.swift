// SPDX-License-Identifier: Apache-2.0

import CSQLite
import RegistryStorage

extension SQLiteConnection {
    /// The settings of every connection that differ from SQLite's defaults or may differ in a custom build.
    private static let settings: [(name: String, value: String, answer: SQLValue)] = [
        ("synchronous", "FULL", .integer(2)),
        ("foreign_keys", "ON", .integer(1)),
        ("temp_store", "MEMORY", .integer(2)),
        ("trusted_schema", "OFF", .integer(0)),
    ]

    /// Opens the only connection that writes; throws `SQLError` when the file does not support the required settings.
    static func openWriter(path: String, fileSystem: String? = nil) throws -> SQLiteConnection {
        do {
            let connection = try SQLiteConnection(path: path, .writing, fileSystem: fileSystem)
            try connection.harden()
            try connection.set("journal_mode", to: "WAL", answering: .text("wal"))
            for setting in settings { try connection.set(setting.name, to: setting.value, answering: setting.answer) }
            // Creates the log's index, which readers need but cannot create.
            _ = try connection.query("SELECT COUNT(*) FROM sqlite_schema")
            return connection
        } catch let failure as SQLiteFailure {
            throw failure.error
        }
    }

    /// Opens a connection that can neither write nor checkpoint, for a database that the writer has opened.
    static func openReader(path: String, fileSystem: String? = nil) throws -> SQLiteConnection {
        do {
            let connection = try SQLiteConnection(path: path, .reading, fileSystem: fileSystem)
            try connection.harden()
            try connection.refuseCheckpoints()
            try connection.set("query_only", to: "ON", answering: .integer(1))
            for setting in settings { try connection.set(setting.name, to: setting.value, answering: setting.answer) }
            return connection
        } catch let failure as SQLiteFailure {
            throw failure.error
        }
    }

    /// Sets a pragma and verifies its value, because SQLite ignores unknown pragmas and unsupported values.
    private func set(_ name: String, to value: String, answering expected: SQLValue) throws {
        try run("PRAGMA \(name) = \(value)")
        let answer = try query("PRAGMA \(name)").first?.columns.first
        guard answer == expected else {
            throw SQLError(
                .other,
                "the database cannot be used: SQLite rejected \(name) = \(value); keep the database in a local file system, "
                    + "and use SQLite 3.35 or later"
            )
        }
    }

    /// Turns off features that only malicious statements and databases need, and strings in double quotes, which hide mistyped names.
    private func harden() throws {
        try configure(SQLITE_DBCONFIG_DEFENSIVE, to: true)
        try configure(SQLITE_DBCONFIG_DQS_DDL, to: false)
        try configure(SQLITE_DBCONFIG_DQS_DML, to: false)
    }
}
