// SPDX-License-Identifier: Apache-2.0

import PostgresDriver
import RegistryStorage
import RegistryTestSupport
import Testing

/// What becomes of transactions when the server or the way to it fails.
@Suite("PostgreSQL: faults", .enabled(if: TestPostgres.given != nil), .serialized, .timeLimit(.minutes(15)))
struct PostgresFaultTests {
    /// A server is said to be away before this has passed, whatever it does.
    private static let patience = Duration.seconds(5)

    private func run(
        _ options: String = "",
        connections: Int = 8,
        _ body: (PostgresServer, PostgresDatabase) async throws -> Void
    ) async throws {
        try await PostgresServer.run(options) { server in
            let database = try await PostgresDatabase.open(try server.postgres.address(), connections: connections)
            try await body(server, database)
            try await database.close()
        }
    }

    /// How an attempt to write ends, and how long it takes.
    private func attempt(_ database: PostgresDatabase) async throws -> (code: SQLError.Code?, duration: Duration) {
        let start = ContinuousClock.now
        do {
            _ = try await database.write { try $0.execute("UPDATE sample SET n = n + 1") }
            return (nil, start.duration(to: .now))
        } catch let error as SQLError {
            return (error.code, start.duration(to: .now))
        }
    }

    @Test("a server that is stopped or killed, and started again, loses nothing that was acknowledged")
    func restarts() async throws {
        try await run { server, database in
            let load = try await PostgresLoad.prepare(database)
            try await load.run {
                for end in [server.stop, server.kill, server.stop] {
                    try await load.waitForProgress()
                    try await end()
                    try await server.start()
                    try await load.waitForProgress()
                }
            }
            #expect(load.failures > 0)
            try await load.check()
        }
    }

    @Test("connections that are ended again and again lose nothing that was acknowledged")
    func endedConnections() async throws {
        try await run { server, database in
            let load = try await PostgresLoad.prepare(database)
            try await load.run {
                for _ in 0..<50 {
                    try await load.waitForProgress(5)
                    try await server.postgres.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'granary'",
                        asAdministrator: true
                    )
                }
            }
            try await load.check()
        }
    }

    @Test("a server that hangs is said to be away in time, to everybody who asks, and is used again when it goes on")
    func frozen() async throws {
        try await run { server, database in
            try await database.write { connection in
                try connection.execute("CREATE TABLE sample (n BIGINT NOT NULL)")
                try connection.execute("INSERT INTO sample (n) VALUES (0)")
            }
            try await server.whileFrozen {
                let attempts = try await withThrowingTaskGroup { group in
                    for _ in 0..<100 { group.addTask { try await attempt(database) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(attempts.allSatisfy { $0.code == .unavailable })
                #expect(
                    attempts.allSatisfy { $0.duration < Self.patience },
                    "\(attempts.map(\.duration).max() ?? .zero)"
                )
                let health = ContinuousClock.now
                await #expect(throws: SQLError.self) { try await database.checkHealth() }
                #expect(health.duration(to: .now) < Self.patience)
            }
            try await recovery(of: database)
            // What hung was given up by the server, too.
            let count = try await database.read { try $0.first("SELECT n FROM sample", [])?.integer(0) }
            #expect(count == 1)
        }
    }

    /// Waits until a write succeeds.
    private func recovery(of database: PostgresDatabase) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while try await attempt(database).code != nil {
            try #require(ContinuousClock.now < deadline, "it is not used again")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("with fewer connections than it wants everything works; with none it says why")
    func tooManyConnections() async throws {
        try await run("-c max_connections=8 -c superuser_reserved_connections=3", connections: 16) { server, database in
            let load = try await PostgresLoad.prepare(database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask { _ = try await database.write { try $0.query("SELECT pg_sleep(0.005)") } }
                }
                try await group.waitForAll()
            }
            let address = try server.postgres.address()
            let other = await #expect(throws: SQLError.self) {
                _ = try await PostgresDatabase.open(address, connections: 1)
            }
            #expect(other?.code == .unavailable)
            #expect(other?.message.contains("lower database.connections") == true)
            try await load.run { try await load.waitForProgress() }
            #expect(load.failures == 0)
            try await load.check()
        }
    }

    @Test("a database that was made read only refuses writes as that, and reads go on")
    func readOnly() async throws {
        try await run { server, database in
            _ = try await database.write { try $0.execute("CREATE TABLE sample (n BIGINT NOT NULL)") }
            func restart() async throws {
                try await server.stop()
                try await server.start()
            }
            try await server.postgres.execute("ALTER DATABASE granary SET default_transaction_read_only = on")
            try await restart()
            #expect(try await attempt(database).code == .readOnly)
            let health = await #expect(throws: SQLError.self) { try await database.checkHealth() }
            #expect(health?.code == .readOnly)
            #expect(try await database.read { try $0.query("SELECT n FROM sample") }.isEmpty)
            try await server.postgres.execute(
                "ALTER DATABASE granary RESET default_transaction_read_only",
                asAdministrator: true
            )
            try await restart()
            try await recovery(of: database)
        }
    }

    @Test(
        "a commit that is cut off has an open outcome, whether the server heard of it or not",
        arguments: [true, false]
    )
    func cutCommit(_ isHeard: Bool) async throws {
        try await #require(TestPostgres.given).withDatabaseURL { url in
            let direct = try await PostgresDatabase.open(try TestPostgres.address(url), connections: 1)
            let proxy = try await PostgresProxy.start(to: url)
            let database = try await PostgresDatabase.open(try proxy.address, connections: 2)
            _ = try await direct.write { try $0.execute("CREATE TABLE sample (n BIGINT NOT NULL)") }
            _ = try await database.write { try $0.execute("INSERT INTO sample (n) VALUES (1)") }
            proxy.cutNextCommit(passingItOn: isHeard)
            let error = await #expect(throws: SQLError.self) {
                try await database.write { try $0.execute("INSERT INTO sample (n) VALUES (2)") }
            }
            #expect(error?.code == .outcomeUnknown)
            // Reads and the next writes make new connections.
            _ = try await database.write { try $0.execute("INSERT INTO sample (n) VALUES (3)") }
            let expected: [Int64] = isHeard ? [1, 2, 3] : [1, 3]
            let rows = try await direct.read { connection in
                try connection.query("SELECT n FROM sample ORDER BY n").map { try $0.integer(0) }
            }
            #expect(rows == expected)
            proxy.cutNextCommit(passingItOn: isHeard)
            let read = try await database.read { try $0.query("SELECT 1") }
            #expect(read == [SQLRow([.integer(1)])], "what was read is right, however the transaction ended")
            try await database.close()
            try await direct.close()
            try await proxy.stop()
        }
    }
}
