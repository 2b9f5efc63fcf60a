// SPDX-License-Identifier: Apache-2.0

import PostgresDriver
import RegistryStorage
import RegistryTestSupport
import Testing

@Suite("PostgreSQL: notifications", .enabled(if: TestPostgres.given != nil), .timeLimit(.minutes(15)))
struct PostgresNotificationTests {
    private func run(_ body: (PostgresDatabase, PostgresDatabase) async throws -> Void) async throws {
        try await #require(TestPostgres.given).withDatabase { address in
            let one = try await PostgresDatabase.open(address, connections: 2)
            let two = try await PostgresDatabase.open(address, connections: 2)
            try await body(one, two)
            try await one.close()
            try await two.close()
        }
    }

    /// What is heard up to the first answer to a question that was asked after a moment.
    private func heard(
        _ stream: inout AsyncStream<SQLNotification>.Iterator,
        after moment: ContinuousClock.Instant
    ) async -> [SQLNotification] {
        var heard: [SQLNotification] = []
        while let notification = await stream.next(isolation: #isolation) {
            if case .current(let question) = notification {
                if question > moment { return heard }
            } else {
                heard.append(notification)
            }
        }
        return heard
    }

    @Test("when it is current, everything has been told that was committed before")
    func complete() async throws {
        try await run { one, two in
            var stream = try #require(two.notifications()).makeAsyncIterator()
            #expect(await heard(&stream, after: .now) == [.missed])
            for number in 0..<20 {
                try await one.write { try $0.notify("message \(number)") }
                #expect(await heard(&stream, after: .now) == [.message("message \(number)")])
            }
        }
    }

    @Test("a transaction that is rolled back tells nothing")
    func rolledBack() async throws {
        struct Refusal: Error {}
        try await run { one, two in
            var stream = try #require(two.notifications()).makeAsyncIterator()
            _ = await heard(&stream, after: .now)
            await #expect(throws: Refusal.self) {
                try await one.write { connection in
                    try connection.notify("nothing")
                    throw Refusal()
                }
            }
            try await one.write { try $0.notify("something") }
            #expect(await heard(&stream, after: .now) == [.message("something")])
        }
    }

    @Test("after the connection was lost it is told that messages may be missing, and then the next ones")
    func lost() async throws {
        try await run { one, two in
            var stream = try #require(two.notifications()).makeAsyncIterator()
            _ = await heard(&stream, after: .now)
            for _ in 0..<3 {
                let ended = try await one.write { connection in
                    try connection.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query NOT LIKE 'COMMIT%'
                        """
                    ).count
                }
                #expect(ended > 0)
                try await one.write { try $0.notify("while nobody may listen") }
                #expect(await heard(&stream, after: .now).contains(.missed))
                try await one.write { try $0.notify("next") }
                #expect(await heard(&stream, after: .now) == [.message("next")])
            }
        }
    }

    @Test("it is never current while the server does not answer, and is so again afterwards")
    func frozen() async throws {
        try await PostgresServer.run { server in
            let database = try await PostgresDatabase.open(try server.postgres.address(), connections: 2)
            var stream = try #require(database.notifications()).makeAsyncIterator()
            _ = await heard(&stream, after: .now)
            var thawed = ContinuousClock.now
            try await server.whileFrozen {
                try await Task.sleep(for: .seconds(2))
                thawed = .now
            }
            let frozen = thawed.advanced(by: .seconds(-1))
            while case .some(let notification) = await stream.next(isolation: #isolation) {
                guard case .current(let question) = notification else { continue }
                #expect(question < frozen || question >= thawed.advanced(by: .milliseconds(-500)))
                if question >= thawed { break }
            }
            try await database.close()
        }
    }

    @Test("it ends with the database")
    func end() async throws {
        try await #require(TestPostgres.given).withDatabase { address in
            let database = try await PostgresDatabase.open(address, connections: 1)
            let stream = try #require(database.notifications())
            async let count = stream.reduce(0) { count, _ in count + 1 }
            try await database.close()
            _ = await count
        }
    }
}
