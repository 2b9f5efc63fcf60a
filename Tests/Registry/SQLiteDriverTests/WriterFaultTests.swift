// SPDX-License-Identifier: Apache-2.0

import RegistryStorage
import RegistryTestSupport
import Testing

@testable import SQLiteDriver

/// What becomes of writes when the disk fails.
@Suite("SQLite: faults of the disk", .serialized, .timeLimit(.minutes(15)))
struct WriterFaultTests {
    private static let refusal =
        "the database accepts no more writes: a sync failed; check the disk, then restart the server"

    private func run(_ body: (SQLiteFixture, SQLiteDatabase) async throws -> Void) async throws {
        try await SQLiteFixture.run { fixture in
            let database = try fixture.open(fileSystem: FailingDisk.name)
            try await database.makeTable()
            try await database.insert(1)
            defer { FailingDisk.set(.none) }
            try await body(fixture, database)
            try await database.close()
        }
    }

    @Test("after a failed sync of the log the outcome is open, and nothing is written any more")
    func syncOfLog() async throws {
        try await run { fixture, database in
            FailingDisk.set(.syncOfLog)
            let first = await #expect(throws: SQLError.self) { try await database.insert(2) }
            #expect(first?.code == .outcomeUnknown)
            #expect(
                first?.message
                    == "the outcome of a commit is unknown: the database failed: disk I/O error (SQLite 1034)"
            )
            FailingDisk.set(.none)
            let second = await #expect(throws: SQLError.self) { try await database.insert(3) }
            #expect(second?.code == .unavailable)
            #expect(second?.message == Self.refusal)
            let health = await #expect(throws: SQLError.self) { try await database.checkHealth() }
            #expect(health?.message == Self.refusal)
            #expect(try await database.numbers() == [1], "what was acknowledged can be read")
            try await database.close()
            #expect(try fixture.logSize > 0, "the next start recovers the log")
            try await fixture.withDatabase { database in
                let numbers = try await database.numbers()
                #expect(numbers == [1] || numbers == [1, 2])
                try await database.insert(4)
            }
        }
    }

    @Test("of writers that share a commit whose sync fails, none hears of success")
    func sharedCommit() async throws {
        try await run { _, database in
            FailingDisk.set(.syncOfLog)
            await withTaskGroup(of: SQLError.Code?.self) { group in
                for number in Int64(10)..<60 {
                    group.addTask {
                        do {
                            try await database.insert(number)
                            return nil
                        } catch {
                            return (error as? SQLError)?.code ?? .other
                        }
                    }
                }
                for await code in group { #expect(code == .outcomeUnknown || code == .unavailable) }
            }
            FailingDisk.set(.none)
            let numbers = try await database.numbers()
            #expect(numbers == [1])
        }
    }

    @Test("a failed sync of the database itself, in a checkpoint, is final too")
    func syncOfDatabase() async throws {
        try await run { fixture, database in
            FailingDisk.set(.syncOfDatabase)
            try await database.fillLog(pages: CheckpointPlan.whenIdle + 100)
            // The checkpoint comes when nobody waits; a write that is faster may succeed.
            var refusal: SQLError?
            var number: Int64 = 100
            while refusal == nil {
                number += 1
                do { try await database.insert(number) } catch let error as SQLError { refusal = error }
            }
            #expect(refusal?.code == .unavailable)
            #expect(refusal?.message == Self.refusal)
            FailingDisk.set(.none)
            #expect(try await database.numbers() == [1] + Array(101..<number))
            try await database.close()
            #expect(try fixture.logSize > 0)
            try await fixture.withDatabase { database in
                let numbers = try await database.numbers()
                #expect(numbers == [1] + Array(101..<number))
            }
        }
    }

    @Test("a commit that could not be written has an open outcome, and the next one succeeds")
    func writeToLog() async throws {
        try await run { _, database in
            FailingDisk.set(.writeToLog)
            let error = await #expect(throws: SQLError.self) { try await database.insert(2) }
            #expect(error?.code == .outcomeUnknown)
            FailingDisk.set(.none)
            try await database.insert(3)
            #expect(try await database.numbers() == [1, 3])
            try await database.checkHealth()
        }
    }

    @Test("a full database refuses, and takes writes again when there is room")
    func full() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase { database in
                try await database.makeTable()
                _ = try await database.write { try $0.query("PRAGMA max_page_count = 20") }
                let error = await #expect(throws: SQLError.self) { try await database.fillLog(pages: 100) }
                #expect(error?.code == .full)
                #expect(
                    error?.message
                        == "the database failed: database or disk is full (SQLite 13); free space on the disk of the data directory"
                )
                _ = try await database.write { try $0.query("PRAGMA max_page_count = 1000000") }
                try await database.fillLog(pages: 100)
            }
        }
    }
}

extension SQLDatabase {
    /// Writes so much that the log gets so many more pages.
    func fillLog(pages: Int) async throws {
        _ = try await write { connection in
            try connection.execute("CREATE TABLE IF NOT EXISTS filler (data BLOB)")
            try connection.execute(
                "INSERT INTO filler (data) VALUES ($1)",
                [.bytes([UInt8](repeating: 7, count: pages * 4096))]
            )
        }
    }
}
