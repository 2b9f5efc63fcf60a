// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

/// What `SQLDatabase` promises about statements and values.
@Suite("SQLDatabase: statements and values", .timeLimit(.minutes(15)))
struct SQLDatabaseStatementTests {
    @Test("a placeholder may be used twice and out of order", arguments: DatabaseBackend.available)
    func placeholders(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            let row = try await database.read { connection in
                try connection.first(
                    "SELECT CAST($3 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($1 AS TEXT)",
                    [.text("one"), .text("two"), .text("three")]
                )
            }
            #expect(row?.columns == [.text("three"), .text("one"), .text("two"), .text("one")])
        }
    }

    static let values: [SQLValue] = [
        .null, .integer(0), .integer(-1), .integer(.min), .integer(.max),
        .text(""), .text("ä€😀 'quoted' $1 \\"), .text(String(repeating: "x€", count: 1 << 18)),
        .bytes([]), .bytes([0, 255, 0]), .bytes([UInt8](repeating: 0xA5, count: 1 << 20)),
    ]

    @Test("every value comes back as it was stored", arguments: DatabaseBackend.available)
    func roundTrip(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            let create = SQL(
                migration: "CREATE TABLE sample (id BIGINT PRIMARY KEY, n BIGINT, t TEXT, b \(database.dialect.bytes))"
            )
            _ = try await database.write { try $0.execute(create) }
            for (index, value) in Self.values.enumerated() {
                let found = try await database.write { connection in
                    try connection.first(
                        "INSERT INTO sample (id, n, t, b) VALUES ($1, $2, $3, $4) RETURNING n, t, b",
                        [.integer(Int64(index))] + value.inItsColumn
                    )
                }
                #expect(found?.columns == value.inItsColumn, "value \(index)")
                let read = try await database.read { connection in
                    try connection.first("SELECT n, t, b FROM sample WHERE id = $1", [.integer(Int64(index))])
                }
                #expect(read?.columns == value.inItsColumn, "value \(index), read again")
            }
        }
    }

    @Test("a text with a zero character is refused instead of being cut off", arguments: DatabaseBackend.available)
    func zeroCharacter(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            let error = await #expect(throws: SQLError.self) {
                try await database.read { try $0.query("SELECT CAST($1 AS TEXT)", [.text("a\0b")]) }
            }
            #expect(error?.code == .invalidText)
        }
    }

    @Test("ON CONFLICT … RETURNING tells who was first", arguments: DatabaseBackend.available)
    func onConflict(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeParentAndChild()
            let insert: SQL = "INSERT INTO parent (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id"
            let first = try await database.write { try $0.query(insert, [.integer(1), .text("a")]) }
            let second = try await database.write { try $0.query(insert, [.integer(2), .text("a")]) }
            #expect(first == [SQLRow([.integer(1)])])
            #expect(second.isEmpty)
            let update: SQL =
                "INSERT INTO parent (id, name) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET id = excluded.id RETURNING id"
            #expect(
                try await database.write { try $0.query(update, [.integer(3), .text("a")]) } == [SQLRow([.integer(3)])]
            )
        }
    }

    @Test("execute tells how many rows it changed", arguments: DatabaseBackend.available)
    func changedRows(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeParentAndChild()
            let counts = try await database.write { connection in
                [
                    try connection.execute("INSERT INTO parent (id, name) VALUES (1, 'a'), (2, 'b')"),
                    try connection.execute(
                        "INSERT INTO parent (id, name) VALUES (3, 'a') ON CONFLICT (name) DO NOTHING"
                    ),
                    try connection.execute("UPDATE parent SET name = name"),
                    try connection.execute("DELETE FROM parent WHERE id = 7"),
                ]
            }
            #expect(counts == [2, 0, 2, 0])
        }
    }

    @Test("violations of unique and foreign keys have their codes", arguments: DatabaseBackend.available)
    func violations(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeParentAndChild()
            try await database.write { connection in
                try connection.execute("INSERT INTO parent (id, name) VALUES (1, 'a')")
                try connection.execute("INSERT INTO child (parent_id) VALUES (1)")
            }
            let cases: [(SQL, SQLError.Code)] = [
                ("INSERT INTO parent (id, name) VALUES (2, 'a')", .uniqueViolation),
                ("INSERT INTO parent (id, name) VALUES (1, 'b')", .uniqueViolation),
                ("INSERT INTO child (parent_id) VALUES (9)", .foreignKeyViolation),
                ("DELETE FROM parent WHERE id = 1", .foreignKeyViolation),
            ]
            for (statement, code) in cases {
                let error = await #expect(throws: SQLError.self) {
                    try await database.write { try $0.execute(statement) }
                }
                #expect(error?.code == code, "\(statement.text)")
            }
        }
    }

    @Test("an error never shows the value of an argument", arguments: DatabaseBackend.available)
    func errorsHideArguments(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeParentAndChild()
            let insert: SQL = "INSERT INTO parent (id, name) VALUES ($1, $2)"
            _ = try await database.write { try $0.execute(insert, [.integer(1), .text("grn_secret")]) }
            let error = await #expect(throws: SQLError.self) {
                try await database.write { try $0.execute(insert, [.integer(2), .text("grn_secret")]) }
            }
            #expect(error?.description.contains("grn_secret") == false)
        }
    }

    @Test("the clock of a connection is the database's", arguments: [DatabaseBackend.sqlite])
    func clock(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, clock in
            let now = try await database.read { try $0.now() }
            #expect(now == clock.now())
            clock.advance(by: .seconds(5))
            #expect(try await database.write { try $0.now() } == clock.now())
        }
    }
}

extension SQLValue {
    /// The values of the columns `n`, `t` and `b`, of which at most one is not null.
    fileprivate var inItsColumn: [SQLValue] {
        switch self {
        case .null: [.null, .null, .null]
        case .integer: [self, .null, .null]
        case .text: [.null, self, .null]
        case .bytes: [.null, .null, self]
        }
    }
}

extension SQLDatabase {
    fileprivate func makeParentAndChild() async throws {
        try await write { connection in
            try connection.execute("CREATE TABLE parent (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
            try connection.execute("CREATE TABLE child (parent_id BIGINT NOT NULL REFERENCES parent (id))")
        }
    }
}
