// SPDX-License-Identifier: Apache-2.0

import RegistryStorage
import RegistryTestSupport
import Testing

@testable import SQLiteDriver

/// Statements that are prepared once and used again.
@Suite("SQLite: statements", .timeLimit(.minutes(15)))
struct StatementTests {
    private func run(_ body: (SQLiteConnection) throws -> Void) async throws {
        try await SQLiteFixture.run { fixture in
            let connection = try SQLiteConnection.openWriter(path: fixture.path)
            try connection.run("CREATE TABLE sample (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)")
            try body(connection)
        }
    }

    @Test("arguments go to their names, in whatever order those appear")
    func parameters() async throws {
        try await run { connection in
            let row = try connection.query("SELECT $2, $1, $3, $2", [.text("a"), .integer(2), .bytes([3])]).first
            #expect(row?.columns == [.integer(2), .text("a"), .bytes([3]), .integer(2)])
        }
    }

    @Test("a wrong number of arguments is refused")
    func countOfArguments() async throws {
        try await run { connection in
            for arguments in [[], [.integer(1)], [.integer(1), .integer(2), .integer(3)]] as [[SQLValue]] {
                let failure = #expect(throws: SQLiteFailure.self) { try connection.query("SELECT $1, $2", arguments) }
                #expect(failure?.code == 21)
            }
            #expect(throws: SQLiteFailure.self) { try connection.query("SELECT $2", [.integer(1)]) }
            #expect(throws: SQLiteFailure.self) { try connection.query("SELECT ?", [.integer(1)]) }
        }
    }

    @Test("a text is exactly one statement", arguments: ["", "  ", "SELECT 1; SELECT 2", "-- a remark"])
    func oneStatement(_ text: String) async throws {
        try await run { connection in
            #expect(throws: SQLiteFailure.self) { try connection.query(text) }
            let rows = try connection.query("SELECT 1;\n ")
            #expect(rows.count == 1)
        }
    }

    @Test("a statement that failed works the next time, and has forgotten its arguments")
    func failedStatement() async throws {
        try await run { connection in
            let insert = "INSERT INTO sample (id, name) VALUES ($1, $2)"
            try connection.run(insert, [.integer(1), .text("a")])
            let failure = #expect(throws: SQLiteFailure.self) {
                try connection.run(insert, [.integer(2), .text("a")])
            }
            #expect(failure?.code == 2067, "the extended code for a unique constraint")
            #expect(try connection.run(insert, [.integer(2), .null]) == 1)
            #expect(
                try connection.query("SELECT name FROM sample ORDER BY id").map(\.columns) == [[.text("a")], [.null]]
            )
        }
    }

    @Test("a statement of which not all rows were wanted leaves no transaction open")
    func resetStatement() async throws {
        try await run { connection in
            for name in ["a", "b", "c"] {
                _ = try connection.query("INSERT INTO sample (name) VALUES ($1) RETURNING id", [.text(name)])
            }
            try connection.run("SELECT id FROM sample")
            #expect(!connection.isInTransaction)
            // With a statement open, the log could not be emptied.
            try connection.checkpoint(.truncate)
        }
    }

    @Test("a prepared statement follows a change of the schema")
    func changedSchema() async throws {
        try await run { connection in
            try connection.run("INSERT INTO sample (name) VALUES ('a')")
            let all = "SELECT * FROM sample"
            #expect(try connection.query(all).first?.columns.count == 3)
            try connection.run("ALTER TABLE sample ADD COLUMN more BIGINT NOT NULL DEFAULT 5")
            #expect(try connection.query(all).first?.columns == [.integer(1), .text("a"), .null, .integer(5)])
            try connection.run("DROP TABLE sample")
            #expect(throws: SQLiteFailure.self) { try connection.query(all) }
        }
    }

    @Test("a reader's prepared statement follows the writer's change of the schema")
    func changedSchemaBesideReaders() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase(readers: 1) { database in
                try await database.makeTable()
                try await database.insert(1)
                let all: SQL = "SELECT * FROM number"
                #expect(try await database.read { try $0.query(all) } == [SQLRow([.integer(1)])])
                _ = try await database.write { try $0.execute("ALTER TABLE number ADD COLUMN more TEXT DEFAULT 'x'") }
                #expect(try await database.read { try $0.query(all) } == [SQLRow([.integer(1), .text("x")])])
            }
        }
    }

    @Test("empty texts and bytes are not NULL, and numbers that are none are rounded")
    func edges() async throws {
        try await run { connection in
            let row = try connection.query(
                "SELECT $1, $2, $3, $4, 2.6, 1e30, typeof($2)",
                [.text(""), .bytes([]), .null, .integer(.min)]
            ).first
            #expect(
                row?.columns
                    == [.text(""), .bytes([]), .null, .integer(.min), .integer(3), .integer(.max), .text("blob")]
            )
        }
    }

    @Test("more statements than are kept prepared all work")
    func manyStatements() async throws {
        try await run { connection in
            for number in Int64(0)..<600 {
                let rows = try connection.query("SELECT \(number)")
                #expect(rows.map(\.columns) == [[.integer(number)]])
            }
        }
    }

    @Test("a closed connection refuses")
    func closed() async throws {
        try await run { connection in
            connection.close()
            connection.close()
            let failure = #expect(throws: SQLiteFailure.self) { try connection.query("SELECT 1") }
            #expect(failure?.error.code == .unavailable)
            #expect(throws: SQLiteFailure.self) { try connection.checkpoint(.passive) }
            #expect(!connection.isInTransaction)
        }
    }
}
