// SPDX-License-Identifier: Apache-2.0

import PostgresDriver
import RegistryStorage
import Synchronization
import Testing

/// Writers that go on through whatever happens to a server, and what they were told.
final class PostgresLoad: Sendable {
    private let database: PostgresDatabase
    private let isOver = Atomic(false)
    private let told = Mutex<(acknowledged: Set<Int64>, open: Set<Int64>, refused: Set<Int64>)>(([], [], []))

    /// Makes the table that the writers fill.
    static func prepare(_ database: PostgresDatabase) async throws -> PostgresLoad {
        _ = try await database.write { try $0.execute("CREATE TABLE number (value BIGINT PRIMARY KEY)") }
        return PostgresLoad(database: database)
    }

    private init(database: PostgresDatabase) {
        self.database = database
    }

    /// Writes with eight writers while something else happens; each of them goes on after a refusal.
    func run(while disturbance: () async throws -> Void) async throws {
        isOver.store(false, ordering: .relaxed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in Int64(0)..<8 { group.addTask { try await self.write(as: writer) } }
            defer { isOver.store(true, ordering: .relaxed) }
            try await disturbance()
            isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
    }

    /// How many writes were acknowledged so far.
    var acknowledged: Int { told.withLock { $0.acknowledged.count } }
    /// How many writes were refused so far, or ended with an open outcome.
    var failures: Int { told.withLock { $0.open.count + $0.refused.count } }

    /// Waits until so many more writes were acknowledged.
    func waitForProgress(_ count: Int = 20) async throws {
        let target = acknowledged + count
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while acknowledged < target {
            try #require(ContinuousClock.now < deadline, "the writers do not come forward")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Checks that what was acknowledged is there, and what was refused is not.
    func check() async throws {
        let rows = try await database.read { try $0.query("SELECT value FROM number").map { try $0.integer(0) } }
        let stored = Set(rows)
        told.withLock { told in
            #expect(told.acknowledged.subtracting(stored).isEmpty, "acknowledged, but lost")
            #expect(told.refused.intersection(stored).isEmpty, "refused, but written")
            #expect(stored == told.acknowledged.union(told.open.intersection(stored)))
        }
    }

    private func write(as writer: Int64) async throws {
        var number = writer * 1_000_000
        while !isOver.load(ordering: .relaxed) {
            number += 1
            try await write(number)
        }
    }

    private func write(_ number: Int64) async throws {
        do {
            _ = try await database.write {
                try $0.execute("INSERT INTO number (value) VALUES ($1)", [.integer(number)])
            }
            told.withLock { _ = $0.acknowledged.insert(number) }
        } catch let error as SQLError where error.code == .outcomeUnknown {
            told.withLock { _ = $0.open.insert(number) }
        } catch let error as SQLError where error.code == .unavailable {
            told.withLock { _ = $0.refused.insert(number) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
