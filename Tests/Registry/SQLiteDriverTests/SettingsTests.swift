// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import SQLiteDriver

/// What must be told to SQLite, and to which connection.
@Suite("SQLite: settings", .timeLimit(.minutes(15)))
struct SettingsTests {
    @Test("every connection has the settings that the registry's promises rest on")
    func settings() async throws {
        try await SQLiteFixture.run { fixture in
            let writer = try SQLiteConnection.openWriter(path: fixture.path)
            let reader = try SQLiteConnection.openReader(path: fixture.path)
            for connection in [writer, reader] {
                let values = try ["synchronous", "foreign_keys", "journal_mode", "temp_store", "trusted_schema"].map {
                    try connection.query("PRAGMA \($0)").first?.columns.first
                }
                #expect(values == [.integer(2), .integer(1), .text("wal"), .integer(2), .integer(0)])
            }
            #expect(try reader.query("PRAGMA query_only").first?.integer(0) == 1)
            #expect(try writer.query("PRAGMA query_only").first?.integer(0) == 0)
            #expect(try writer.query("PRAGMA busy_timeout").first?.integer(0) == 5000)
            #expect(try reader.query("PRAGMA busy_timeout").first?.integer(0) == 5000)
        }
    }

    @Test("a setting that SQLite does not take ends the start: without a write-ahead log nothing would be durable")
    func rejected() throws {
        let error = #expect(throws: SQLError.self) { try SQLiteConnection.openWriter(path: ":memory:") }
        #expect(error?.message.contains("SQLite rejected journal_mode = WAL; keep the database in a local") == true)
    }

    @Test("neither connection checkpoints by itself when it commits")
    func ownCheckpoints() async throws {
        try await SQLiteFixture.run { fixture in
            let writer = try SQLiteConnection.openWriter(path: fixture.path)
            #expect(try writer.query("PRAGMA wal_autocheckpoint").first?.integer(0) == 0)
            let reader = try SQLiteConnection.openReader(path: fixture.path)
            #expect(try reader.query("PRAGMA wal_autocheckpoint").first?.integer(0) == 0)
            let failure = #expect(throws: SQLiteFailure.self) { try reader.query("PRAGMA WAL_Checkpoint(TRUNCATE)") }
            #expect(failure?.error.message == "the database failed: not authorized (SQLite 23)")
        }
    }

    @Test("a database cannot be damaged by statements, and a mistyped name is not a text")
    func defences() async throws {
        try await SQLiteFixture.run { fixture in
            let writer = try SQLiteConnection.openWriter(path: fixture.path)
            try writer.run("CREATE TABLE number (value BIGINT PRIMARY KEY)")
            try writer.run("PRAGMA writable_schema = ON")
            #expect(throws: SQLiteFailure.self) { try writer.run("DELETE FROM sqlite_schema") }
            #expect(throws: SQLiteFailure.self) { try writer.query(#"SELECT "no_such_name" FROM number"#) }
        }
    }

    @Test("a constraint on a foreign key is checked at once")
    func foreignKeys() async throws {
        try await SQLiteFixture.run { fixture in
            let writer = try SQLiteConnection.openWriter(path: fixture.path)
            try writer.run("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
            try writer.run("CREATE TABLE child (id BIGINT NOT NULL REFERENCES parent (id))")
            let failure = #expect(throws: SQLiteFailure.self) { try writer.run("INSERT INTO child (id) VALUES (1)") }
            #expect(failure?.code == 787, "the extended code for a foreign key")
            #expect(failure?.error.message == "the database failed: FOREIGN KEY constraint failed (SQLite 787)")
        }
    }

    @Test("a file that is no database is refused when it is opened", arguments: [20, 100, 8192])
    func notADatabase(_ size: Int) async throws {
        try await SQLiteFixture.run { fixture in
            try LocalFile.create(fixture.path).append([UInt8](repeating: 0x41, count: size))
            let error = #expect(throws: SQLError.self) { try fixture.open() }
            #expect(error?.code == .corrupt)
            #expect(error?.message == "the database failed: file is not a database (SQLite 26)")
        }
    }

    @Test("a file that cannot be opened is told without its statement")
    func missingDirectory() async throws {
        try await SQLiteFixture.run { fixture in
            let error = #expect(throws: SQLError.self) {
                try SQLiteDatabase(
                    path: fixture.directory + "/missing/granary.db",
                    readers: 1,
                    clock: { .init(microseconds: 0) }
                )
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message == "the database failed: unable to open database file (SQLite 14)")
        }
    }

    @Test("a database that another program made in another mode is taken over")
    func otherMode() async throws {
        try await SQLiteFixture.run { fixture in
            let other = try SQLiteConnection(path: fixture.path, .writing)
            try other.run("PRAGMA journal_mode = DELETE")
            try other.run("CREATE TABLE number (value BIGINT PRIMARY KEY)")
            try other.run("INSERT INTO number (value) VALUES (7)")
            other.close()
            try await fixture.withDatabase { database in
                #expect(try await database.numbers() == [7])
                try await database.insert(8)
            }
            try await fixture.withDatabase { database in
                let numbers = try await database.numbers()
                #expect(numbers == [7, 8])
            }
        }
    }

    @Test("a log that a crash left behind is recovered")
    func recovery() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase { database in
                try await database.makeTable()
                for number in Int64(0)..<10 { try await database.insert(number) }
                // What a crash leaves: the files as they are while a database is open.
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(
                        atPath: fixture.path + suffix,
                        toPath: fixture.directory + "/crashed.db" + suffix
                    )
                }
            }
            let database = try SQLiteDatabase(
                path: fixture.directory + "/crashed.db",
                readers: 1,
                clock: { .init(microseconds: 0) }
            )
            #expect(try await database.numbers() == Array(0..<10))
            try await database.close()
        }
    }

    @Test("the version of SQLite is judged")
    func version() {
        #expect(SQLiteVersion.problem == nil)
        #expect(SQLiteVersion.problem(of: 3_035_000, called: "3.35.0") == nil)
        #expect(
            SQLiteVersion.problem(of: 3_034_001, called: "3.34.1")
                == "SQLite 3.34.1 is too old: version 3.35 or later is needed; install it with the system's packages"
        )
    }
}
