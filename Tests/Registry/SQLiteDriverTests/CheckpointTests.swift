// SPDX-License-Identifier: Apache-2.0

import RegistryStorage
import RegistryTestSupport
import Testing

@testable import SQLiteDriver

/// When the log is copied into the database.
@Suite("SQLite: checkpoints", .timeLimit(.minutes(15)))
struct CheckpointTests {
    @Test("a short log is left alone, a longer one is copied when idle, a long one at once")
    func plan() {
        let plan = CheckpointPlan()
        #expect(plan.checkpoint(pagesInLog: 999, isIdle: true) == nil)
        #expect(plan.checkpoint(pagesInLog: 1000, isIdle: true) == .passive)
        #expect(plan.checkpoint(pagesInLog: 3999, isIdle: false) == nil)
        #expect(plan.checkpoint(pagesInLog: 4000, isIdle: false) == .passive)
        #expect(plan.checkpoint(pagesInLog: 16_000, isIdle: false) == .restart)
    }

    @Test("only what is new counts, and a log that began anew is all new")
    func planAfterCopies() {
        var plan = CheckpointPlan()
        plan.noteCopy(pagesInLog: 5000)
        #expect(plan.checkpoint(pagesInLog: 5000, isIdle: true) == nil)
        #expect(plan.checkpoint(pagesInLog: 5999, isIdle: true) == nil)
        #expect(plan.checkpoint(pagesInLog: 6000, isIdle: true) == .passive)
        #expect(plan.checkpoint(pagesInLog: 8999, isIdle: false) == nil)
        #expect(plan.checkpoint(pagesInLog: 9000, isIdle: false) == .passive)
        #expect(plan.checkpoint(pagesInLog: 900, isIdle: true) == nil)
        #expect(plan.checkpoint(pagesInLog: 1100, isIdle: true) == .passive)
    }

    @Test("a database that was closed is one file that holds everything")
    func closing() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase { database in
                try await database.makeTable()
                for number in Int64(0)..<20 { try await database.insert(number) }
                #expect(try fixture.logSize > 0)
            }
            #expect(try fixture.logSize == 0)
            #expect(try LocalDirectory.entries(fixture.directory) == ["granary.db"])
            try await fixture.withDatabase { database in
                let numbers = try await database.numbers()
                #expect(numbers == Array(0..<20))
            }
        }
    }

    @Test("somebody who reads the file from outside does not keep the database from closing")
    func closingBesideOthers() async throws {
        try await SQLiteFixture.run { fixture in
            let database = try fixture.open()
            try await database.makeTable()
            try await database.insert(1)
            let other = try SQLiteConnection.openReader(path: fixture.path)
            try other.run("BEGIN")
            _ = try other.query("SELECT * FROM number")
            try await database.insert(2)
            try await database.close()
            other.close()
            try await fixture.withDatabase { database in
                let numbers = try await database.numbers()
                #expect(numbers == [1, 2])
            }
        }
    }

    @Test("the log does not grow without end while it is written to")
    func boundedLog() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase { database in
                for _ in 0..<60 { try await database.fillLog(pages: 500) }
                // 30,000 pages went through it.
                #expect(try fixture.logSize < 3 * CheckpointPlan.whenBusy * 4096)
            }
        }
    }

    @Test("readers that follow one another without end do not let the log grow without end")
    func boundedLogBesideReaders() async throws {
        try await SQLiteFixture.run { fixture in
            try await fixture.withDatabase(readers: 3) { database in
                try await database.makeTable()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 {
                        group.addTask {
                            while !Task.isCancelled { _ = try await database.numbers() }
                        }
                    }
                    for _ in 0..<80 { try await database.fillLog(pages: 500) }
                    group.cancelAll()
                    try await group.waitForAll()
                }
                // 40,000 pages went through it.
                #expect(try fixture.logSize < (CheckpointPlan.whenTooLong + 2 * CheckpointPlan.whenBusy) * 4096)
            }
        }
    }

    @Test("a restart of the log waits only a moment for a long read, which loses nothing")
    func longRead() async throws {
        try await SQLiteFixture.run { fixture in
            let writer = try SQLiteConnection.openWriter(path: fixture.path)
            let reader = try SQLiteConnection.openReader(path: fixture.path)
            try writer.run("CREATE TABLE number (value BIGINT PRIMARY KEY)")
            try writer.run("INSERT INTO number (value) VALUES (1)")
            try reader.run("BEGIN")
            #expect(try reader.query("SELECT * FROM number").count == 1)
            try writer.run("INSERT INTO number (value) VALUES (2)")
            writer.wait(atMost: .milliseconds(20))
            let failure = #expect(throws: SQLiteFailure.self) { try writer.checkpoint(.restart) }
            #expect(failure?.code == 5)
            try writer.checkpoint(.passive)
            #expect(try reader.query("SELECT * FROM number").count == 1)
            try reader.run("ROLLBACK")
            #expect(try reader.query("SELECT * FROM number").count == 2)
        }
    }
}
