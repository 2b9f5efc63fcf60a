// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryStorage
import RegistryTestSupport
import Synchronization
import Testing

@testable import SQLiteDriver

/// Which state a read sees.
@Suite("SQLite: reads", .timeLimit(.minutes(15)))
struct SnapshotTests {
    /// Where a reader's thread waits for a test, and a test for the reader.
    private final class Gate: Sendable {
        private let isOpen = Atomic(false)
        private let arrivals = AsyncStream<Void>.makeStream()

        func open() { isOpen.store(true, ordering: .releasing) }

        /// Blocks the thread until the gate is open.
        func pass() {
            arrivals.continuation.yield()
            while !isOpen.load(ordering: .acquiring) { usleep(200) }
        }

        /// Returns when somebody waits.
        func arrival() async { for await _ in arrivals.stream { break } }
    }

    @Test("a read sees the same state to its end, whatever is written meanwhile")
    func snapshot() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase { database in
                try await database.makeTable()
                try await database.insert(1)
                let gate = Gate()
                async let seen = database.read { connection in
                    let before = try connection.numbers()
                    gate.pass()
                    return (before, try connection.numbers())
                }
                await gate.arrival()
                try await database.insert(2)
                #expect(try await database.numbers() == [1, 2])
                gate.open()
                let (before, after) = try await seen
                #expect(before == [1])
                #expect(after == [1])
            }
        }
    }

    @Test("a read sees what was committed before it was asked for, though it waited behind others")
    func ownWrites() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase(readers: 1) { database in
                try await database.makeTable()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in Int64(0)..<8 {
                        group.addTask {
                            for number in (writer * 1000)..<(writer * 1000 + 40) {
                                try await database.insert(number)
                                let numbers = try await database.numbers()
                                #expect(numbers.contains(number))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("reads that wait together are each answered, and a failure stays its own")
    func shared() async throws {
        struct Refusal: Error {}
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase(readers: 1) { database in
                try await database.makeTable()
                for number in Int64(1)...3 { try await database.insert(number) }
                let gate = Gate()
                async let first: Void = database.read { _ in gate.pass() }
                await gate.arrival()
                try await withThrowingTaskGroup(of: [Int64]?.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            do {
                                return try await database.read { connection in
                                    if number.isMultiple(of: 5) { throw Refusal() }
                                    if number.isMultiple(of: 7) { _ = try connection.query("SELECT * FROM missing") }
                                    return try connection.numbers()
                                }
                            } catch is Refusal {
                                return nil
                            } catch let error as SQLError {
                                #expect(error.code == .other)
                                return nil
                            }
                        }
                    }
                    gate.open()
                    var answered = 0
                    for try await numbers in group {
                        #expect(numbers == nil || numbers == [1, 2, 3])
                        if numbers != nil { answered += 1 }
                    }
                    #expect(answered == (0..<100).count { !$0.isMultiple(of: 5) && !$0.isMultiple(of: 7) })
                }
                try await first
            }
        }
    }

    @Test("a long read holds up only its own thread")
    func longRead() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase(readers: 2) { database in
                try await database.makeTable()
                let gate = Gate()
                async let long: Void = database.read { connection in
                    _ = try connection.numbers()
                    gate.pass()
                }
                await gate.arrival()
                for number in Int64(0)..<50 {
                    try await database.insert(number)
                    #expect(try await database.numbers().count == Int(number) + 1)
                }
                gate.open()
                try await long
            }
        }
    }

    @Test("what was asked for before the end is answered, what comes later is refused")
    func closing() async throws {
        try await SQLiteFixture.run { fixture in
            let database = try fixture.open()
            try await database.makeTable()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in Int64(0)..<200 {
                    group.addTask {
                        do {
                            if number.isMultiple(of: 2) { try await database.insert(number) }
                            _ = try await database.numbers()
                        } catch let error as SQLError {
                            #expect(error.code == .unavailable)
                            #expect(error.message == "the database is closed: the server is shutting down")
                        }
                    }
                }
                group.addTask { try await database.close() }
                group.addTask { try await database.close() }
                try await group.waitForAll()
            }
            await #expect(throws: SQLError.self) { try await database.checkHealth() }
        }
    }
}
