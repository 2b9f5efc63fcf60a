// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

/// What `SQLDatabase` promises about transactions.
@Suite("SQLDatabase: transactions", .timeLimit(.minutes(15)))
struct SQLDatabaseTransactionTests {
    private struct Refusal: Error {}

    @Test("what was written is there after the database is opened again", arguments: DatabaseBackend.available)
    func survivesReopening(_ backend: DatabaseBackend) async throws {
        try await backend.withDirectory { directory in
            let first = try await backend.open(directory, ManualClock())
            try await first.makeTable()
            try await first.insert(7)
            try await first.close()
            let second = try await backend.open(directory, ManualClock())
            #expect(try await second.numbers() == [7])
            try await second.close()
        }
    }

    @Test(
        "a closure that throws leaves nothing, and its own error reaches the caller",
        arguments: DatabaseBackend.available
    )
    func throwingRollsBack(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeTable()
            await #expect(throws: Refusal.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO number (value) VALUES (1)")
                    throw Refusal()
                }
            }
            #expect(try await database.numbers().isEmpty)
        }
    }

    @Test("a statement that fails undoes the ones before it in its transaction", arguments: DatabaseBackend.available)
    func failingStatementRollsBack(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeTable()
            try await database.insert(1)
            await #expect(throws: SQLError.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO number (value) VALUES (2)")
                    try connection.execute("INSERT INTO number (value) VALUES (1)")
                }
            }
            #expect(try await database.numbers() == [1])
        }
    }

    @Test("of 200 writers at once, exactly those that did not throw took effect", arguments: DatabaseBackend.available)
    func parallelWriters(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeTable()
            let acknowledged = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for number in Int64(1)...200 {
                    group.addTask {
                        do {
                            try await database.write { connection in
                                try connection.execute("INSERT INTO number (value) VALUES ($1)", [.integer(number)])
                                if number.isMultiple(of: 3) { throw Refusal() }
                            }
                            return number
                        } catch is Refusal {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: [Int64]()) { if let number = $1 { $0.append(number) } }
            }
            #expect(acknowledged.sorted() == (1...200).filter { !$0.isMultiple(of: 3) })
            #expect(try await database.numbers() == acknowledged.sorted())
        }
    }

    @Test("a writer that breaks a constraint does not disturb those beside it", arguments: DatabaseBackend.available)
    func violationsStayAlone(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeTable()
            let codes = await withTaskGroup(of: SQLError.Code?.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        do {
                            try await database.insert(Int64(number % 20))
                            return nil
                        } catch {
                            return (error as? SQLError)?.code ?? .other
                        }
                    }
                }
                return await group.reduce(into: [SQLError.Code?]()) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 20)
            #expect(codes.count { $0 == .uniqueViolation } == 40)
            #expect(try await database.numbers() == Array(0..<20))
        }
    }

    @Test("a reader never sees a part of a transaction", arguments: DatabaseBackend.available)
    func readersSeeWholeTransactions(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeTable()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for pair in Int64(0)..<100 {
                    group.addTask {
                        try await database.write { connection in
                            try connection.execute("INSERT INTO number (value) VALUES ($1)", [.integer(2 * pair)])
                            try connection.execute("INSERT INTO number (value) VALUES ($1)", [.integer(2 * pair + 1)])
                        }
                    }
                    group.addTask {
                        let (first, second) = try await database.read { connection in
                            (try connection.count(), try connection.count())
                        }
                        #expect(first.isMultiple(of: 2))
                        #expect(first == second, "all statements of one read see the same state")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a reader cannot write", arguments: DatabaseBackend.available)
    func readersCanNotWrite(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeTable()
            let error = await #expect(throws: SQLError.self) {
                try await database.read { _ = try $0.execute("INSERT INTO number (value) VALUES (1)") }
            }
            #expect(error?.code == .readOnly)
            #expect(try await database.numbers().isEmpty)
        }
    }

    @Test("a closed database refuses with unavailable", arguments: DatabaseBackend.available)
    func closedDatabase(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await database.makeTable()
            try await database.close()
            let read = await #expect(throws: SQLError.self) { try await database.numbers() }
            #expect(read?.code == .unavailable)
            let write = await #expect(throws: SQLError.self) { try await database.insert(1) }
            #expect(write?.code == .unavailable)
        }
    }
}

extension SQLDatabase {
    fileprivate func makeTable() async throws {
        _ = try await write { try $0.execute("CREATE TABLE number (value BIGINT PRIMARY KEY)") }
    }

    fileprivate func insert(_ number: Int64) async throws {
        _ = try await write { try $0.execute("INSERT INTO number (value) VALUES ($1)", [.integer(number)]) }
    }

    fileprivate func numbers() async throws -> [Int64] {
        try await read { try $0.query("SELECT value FROM number ORDER BY value").map { try $0.integer(0) } }
    }
}

extension SQLConnection {
    fileprivate func count() throws -> Int64 {
        try first("SELECT COUNT(*) FROM number", [])?.integer(0) ?? -1
    }
}
