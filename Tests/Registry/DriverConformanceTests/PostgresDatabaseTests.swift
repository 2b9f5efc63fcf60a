// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresDriver
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Synchronization
import Testing

/// What only PostgreSQL has to be told.
@Suite("PostgreSQL", .enabled(if: TestPostgres.given != nil), .timeLimit(.minutes(15)))
struct PostgresDatabaseTests {
    private func run(_ body: (PostgresDatabase, PostgresAddress) async throws -> Void) async throws {
        try await #require(TestPostgres.given).withDatabase { address in
            let database = try await PostgresDatabase.open(address, connections: 4)
            try await body(database, address)
            try await database.close()
        }
    }

    @Test("the clock is the server's, and stands still within a transaction")
    func clock() async throws {
        try await run { database, _ in
            let before = Int64(Date.now.timeIntervalSince1970 * 1_000_000)
            let times = try await database.read { connection in
                let first = try connection.now()
                _ = try connection.query("SELECT pg_sleep(0.01)")
                return [first, try connection.now()]
            }
            let later = try await database.write { try $0.now() }
            let after = Int64(Date.now.timeIntervalSince1970 * 1_000_000)
            #expect(times[0] == times[1])
            #expect(times[0] < later)
            // The server runs on this machine.
            #expect(before <= times[0].microseconds && later.microseconds <= after)
        }
    }

    @Test("a commit is on the disk before it is acknowledged, whatever the role's settings are")
    func durability() async throws {
        try await run { first, address in
            let name = try #require("\(address)".split(separator: "/").last)
            _ = try await first.write { connection in
                for setting in ["synchronous_commit = off", "bytea_output = escape"] {
                    try connection.execute(SQL(migration: "ALTER DATABASE \(name) SET \(setting)"))
                }
            }
            let database = try await PostgresDatabase.open(address, connections: 1)
            let settings = try await database.write { connection in
                try connection.query("SELECT current_setting('synchronous_commit'), current_setting('bytea_output')")
            }
            #expect(settings == [SQLRow([.text("on"), .text("hex")])])
            try await database.close()
        }
    }

    @Test("more statements than stay prepared are run, and those that a transaction prepared itself stay")
    func manyStatements() async throws {
        try await run { database, _ in
            let numbers = try await database.write { connection in
                try connection.execute(SQL(migration: "PREPARE own AS SELECT 1"))
                var numbers: [Int64?] = []
                for round in 0..<2 {
                    for number in 0..<600 {
                        let row = try connection.first(SQL(migration: "SELECT \(number)"), [])
                        guard let found = try row?.integer(0) else { continue }
                        numbers.append(found - Int64(number))
                    }
                    #expect(try connection.query("EXECUTE own").count == 1, "round \(round)")
                }
                return numbers
            }
            #expect(numbers == Array(repeating: 0, count: 1200))
        }
    }

    @Test("numbers of every type of the server are read as numbers")
    func numbers() async throws {
        try await run { database, _ in
            let row = try await database.read { connection in
                try connection.first(
                    """
                    SELECT 1, CAST(2 AS SMALLINT), CAST(3 AS BIGINT), SUM(n), COUNT(*), 1 < 2, EXISTS (SELECT 1 WHERE 1 > 2)
                    FROM (VALUES (CAST(5 AS BIGINT)), (6)) AS v (n)
                    """,
                    []
                )
            }
            #expect(row?.columns == [1, 2, 3, 11, 2, 1, 0].map { .integer($0) })
        }
    }

    static let states: [(String, SQLError.Code)] = [
        ("23505", .uniqueViolation), ("23503", .foreignKeyViolation), ("25006", .readOnly), ("53100", .full),
        ("53200", .unavailable), ("57014", .unavailable), ("55P03", .unavailable), ("58030", .unavailable),
        ("XX001", .corrupt), ("42P01", .other), ("22003", .other), ("P0001", .other),
    ]

    @Test("errors have their codes, and the connection can be used afterwards", arguments: states)
    func codes(_ state: String, _ code: SQLError.Code) async throws {
        try await run { database, _ in
            let raise = SQL(migration: "DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '\(state)'; END $$")
            let error = await #expect(throws: SQLError.self) { try await database.write { try $0.execute(raise) } }
            #expect(error?.code == code)
            #expect(error?.message.contains(state) == true)
            if state.hasPrefix("22") { #expect(error?.message.contains("secret") == false, "it quotes values") }
            let answer = try await database.read { try $0.query("SELECT 1") }
            #expect(answer == [SQLRow([.integer(1)])])
        }
    }

    @Test("a transaction that lost against others is run again, but not for ever", arguments: ["40001", "40P01"])
    func retries(_ state: String) async throws {
        try await run { database, _ in
            let raise = SQL(migration: "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '\(state)'; END $$")
            let runs = Mutex(0)
            try await database.write { connection in
                let run = runs.withLock { runs in
                    runs += 1
                    return runs
                }
                try connection.execute("CREATE TABLE sample (n BIGINT)")
                if run < 3 { try connection.execute(raise) }
            }
            #expect(runs.withLock { $0 } == 3)
            #expect(try await database.read { try $0.query("SELECT n FROM sample") }.isEmpty)
            let error = await #expect(throws: SQLError.self) {
                try await database.write { connection in
                    runs.withLock { $0 += 1 }
                    try connection.execute(raise)
                }
            }
            #expect(error?.code == .conflict)
            #expect(runs.withLock { $0 } == 3 + 5)
        }
    }

    private final class Counter: Sendable {
        private let number = Mutex(0)
        var value: Int { number.withLock { $0 } }
        func increment() { number.withLock { $0 += 1 } }
    }

    @Test("two transactions that wait for each other both come to their end")
    func deadlock() async throws {
        try await run { database, _ in
            try await database.write { connection in
                try connection.execute("CREATE TABLE sample (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)")
                try connection.execute("INSERT INTO sample (id, n) VALUES (1, 0), (2, 0)")
            }
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order: [Int64] in [[1, 2], [2, 1]] {
                    group.addTask {
                        try await database.write { connection in
                            runs.increment()
                            for row in order {
                                try connection.execute("UPDATE sample SET n = n + 1 WHERE id = $1", [.integer(row)])
                                // Long enough for the other one to come as far.
                                _ = try connection.query("SELECT pg_sleep(0.2)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await database.read { try $0.query("SELECT n FROM sample ORDER BY id") }
            #expect(rows == [SQLRow([.integer(2)]), SQLRow([.integer(2)])])
            #expect(runs.value > 2, "they met")
        }
    }

    @Test("a closure that goes on after a failed statement commits nothing")
    func failedStatementIsFinal() async throws {
        try await run { database, _ in
            _ = try await database.write { try $0.execute("CREATE TABLE sample (n BIGINT PRIMARY KEY)") }
            let error = await #expect(throws: SQLError.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO sample (n) VALUES (1)")
                    _ = try? connection.execute("INSERT INTO sample (n) VALUES (1)")
                    _ = try? connection.execute("INSERT INTO sample (n) VALUES (2)")
                }
            }
            #expect(error?.code == .uniqueViolation)
            #expect(try await database.read { try $0.query("SELECT n FROM sample") }.isEmpty)
        }
    }

    @Test("a transaction has its deadline, which it can move")
    func deadline() async throws {
        try await run { database, _ in
            let error = await #expect(throws: SQLError.self) {
                try await database.write { try $0.query("SELECT pg_sleep(6)") }
            }
            #expect(error?.code == .unavailable)
            try await database.write { connection in
                try connection.extendDeadline(by: .seconds(20))
                _ = try connection.query("SELECT pg_sleep(6)")
            }
        }
    }

    @Test("four nodes that start on one empty database apply each step of the schema once")
    func migrateTogether() async throws {
        try await run { database, address in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in 0..<4 {
                    group.addTask {
                        let own = try await PostgresDatabase.open(address, connections: 2)
                        try await Metadata(database: own).schema.migrate(holder: "node \(node)") { await Task.yield() }
                        try await own.close()
                    }
                }
                try await group.waitForAll()
            }
            let numbers = try await database.read { connection in
                try connection.query("SELECT number FROM schema_migration ORDER BY number").map { try $0.integer(0) }
            }
            #expect(!numbers.isEmpty && numbers == Array(1...Int64(numbers.count)))
        }
    }

    @Test("every text column sorts by its bytes")
    func collation() async throws {
        try await run { database, _ in
            try await Metadata(database: database).schema.migrate(holder: "test") {}
            let others = try await database.read { connection in
                try connection.query(
                    """
                    SELECT table_name || '.' || column_name FROM information_schema.columns
                    WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
                        AND table_name NOT IN ('lease', 'schema_migration')
                    """
                ).map { try $0.text(0) }
            }
            #expect(others == [])
        }
    }
}
