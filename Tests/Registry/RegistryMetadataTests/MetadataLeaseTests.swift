// SPDX-License-Identifier: Apache-2.0

import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

/// Leases and migrations, which rest on what a database promises.
@Suite("Leases and migrations", .timeLimit(.minutes(15)))
struct MetadataLeaseTests {
    private func run(
        _ backend: DatabaseBackend,
        _ body: (Metadata, ManualClock) async throws -> Void
    ) async throws {
        try await backend.run { database, clock in
            let metadata = Metadata(database: database)
            try await metadata.schema.migrate(holder: "test") {}
            try await body(metadata, clock)
        }
    }

    @Test("a lease has one holder until it runs out", arguments: DatabaseBackend.available)
    func leaseRunsOut(_ backend: DatabaseBackend) async throws {
        try await run(backend) { metadata, clock in
            let isFirst = try await metadata.leases.acquire("gc", holder: "a", for: .seconds(10))
            #expect(isFirst)
            #expect(try await !metadata.leases.acquire("gc", holder: "b", for: .seconds(10)))
            #expect(try await metadata.leases.acquire("cleanup", holder: "b", for: .seconds(10)), "another lease")
            clock.advance(by: .seconds(9))
            #expect(try await !metadata.leases.acquire("gc", holder: "b", for: .seconds(10)))
            clock.advance(by: .seconds(1))
            #expect(try await metadata.leases.acquire("gc", holder: "b", for: .seconds(10)))
            #expect(try await !metadata.leases.acquire("gc", holder: "a", for: .seconds(10)))
        }
    }

    @Test("a holder prolongs its lease, and only it can give it back", arguments: DatabaseBackend.available)
    func leaseIsProlonged(_ backend: DatabaseBackend) async throws {
        try await run(backend) { metadata, clock in
            #expect(try await metadata.leases.acquire("gc", holder: "a", for: .seconds(10)))
            clock.advance(by: .seconds(8))
            #expect(try await metadata.leases.acquire("gc", holder: "a", for: .seconds(10)))
            clock.advance(by: .seconds(8))
            #expect(try await !metadata.leases.acquire("gc", holder: "b", for: .seconds(10)))
            try await metadata.leases.release("gc", holder: "b")
            #expect(try await !metadata.leases.acquire("gc", holder: "b", for: .seconds(10)))
            try await metadata.leases.release("gc", holder: "a")
            #expect(try await metadata.leases.acquire("gc", holder: "b", for: .seconds(10)))
        }
    }

    @Test("a lease of a clock that was ahead holds nobody up", arguments: DatabaseBackend.available)
    func clockAhead(_ backend: DatabaseBackend) async throws {
        try await run(backend) { metadata, clock in
            clock.advance(by: .seconds(3600))
            let isFirst = try await metadata.leases.acquire("gc", holder: "a", for: .seconds(600))
            #expect(isFirst)
            clock.advance(by: .seconds(-3600))
            #expect(try await metadata.leases.acquire("gc", holder: "b", for: .seconds(600)))
            #expect(try await !metadata.leases.acquire("gc", holder: "a", for: .seconds(600)))
        }
    }

    @Test("who ends gives all its leases back, and nobody else's", arguments: DatabaseBackend.available)
    func releaseAll(_ backend: DatabaseBackend) async throws {
        try await run(backend) { metadata, _ in
            for (name, holder) in [("gc", "a"), ("cleanup", "a"), ("digests", "b")] {
                #expect(try await metadata.leases.acquire(name, holder: holder, for: .seconds(600)))
            }
            try await metadata.leases.releaseAll(of: "a")
            #expect(try await metadata.leases.acquire("gc", holder: "c", for: .seconds(600)))
            #expect(try await metadata.leases.acquire("cleanup", holder: "c", for: .seconds(600)))
            #expect(try await !metadata.leases.acquire("digests", holder: "c", for: .seconds(600)))
        }
    }

    @Test(
        "the only process on a database waits for no dead one, and still knows what was done lately",
        arguments: DatabaseBackend.available
    )
    func alone(_ backend: DatabaseBackend) async throws {
        try await run(backend) { metadata, _ in
            let isMigrating = try await metadata.leases.acquire("migration", holder: "dead", for: .seconds(60))
            #expect(isMigrating)
            #expect(try await metadata.leases.acquire("gc", holder: "dead", for: .seconds(600)))
            #expect(try await metadata.leases.acquire("daily", holder: "dead", for: .seconds(86_400)))
            try await metadata.schema.migrate(holder: "new", isAlone: true) { Issue.record("it waits") }
            #expect(try await metadata.leases.acquire("gc", holder: "new", for: .seconds(600)))
            #expect(try await !metadata.leases.acquire("daily", holder: "new", for: .seconds(86_400)))
        }
    }

    @Test("of many that want a lease at the same moment one gets it", arguments: DatabaseBackend.available)
    func leaseRace(_ backend: DatabaseBackend) async throws {
        try await run(backend) { metadata, _ in
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for holder in 0..<32 {
                    group.addTask { try await metadata.leases.acquire("gc", holder: "\(holder)", for: .seconds(10)) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
    }

    @Test("migrations that run twice apply once", arguments: DatabaseBackend.available)
    func migrateTwice(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, clock in
            let metadata = Metadata(database: database)
            try await metadata.schema.migrate(holder: "first") {}
            let applied = try await database.read { try $0.query("SELECT number, applied_at FROM schema_migration") }
            clock.advance(by: .seconds(100))
            try await metadata.schema.migrate(holder: "second") {}
            #expect(
                try await database.read { try $0.query("SELECT number, applied_at FROM schema_migration") } == applied
            )
        }
    }

    @Test("two stores that migrate at the same moment apply each step once", arguments: DatabaseBackend.available)
    func migrateTogether(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in 0..<4 {
                    group.addTask {
                        try await Metadata(database: database).schema.migrate(holder: "node \(node)") {
                            await Task.yield()
                        }
                    }
                }
                try await group.waitForAll()
            }
            let numbers = try await database.read { connection in
                try connection.query("SELECT number FROM schema_migration ORDER BY number").map { try $0.integer(0) }
            }
            #expect(numbers == Array(1...Int64(numbers.count)))
        }
    }

    @Test("a schema of a newer program is refused with a sentence", arguments: DatabaseBackend.available)
    func newerSchema(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            let metadata = Metadata(database: database)
            try await metadata.schema.migrate(holder: "old") {}
            _ = try await database.write { connection in
                try connection.execute(
                    "INSERT INTO schema_migration (number, name, applied_at) VALUES (999, 'later', 0)"
                )
            }
            let error = await #expect(throws: SchemaError.self) { try await metadata.schema.migrate(holder: "old") {} }
            #expect(error?.description.contains("schema 999") == true)
            #expect(error?.description.contains("start a newer version of granary") == true)
            #expect(
                try await metadata.leases.acquire("migration", holder: "new", for: .seconds(1)),
                "the newer program need not wait for the older one's lease"
            )
        }
    }
}
