// SPDX-License-Identifier: Apache-2.0

import Loops
package import RegistryStorage

/// A PostgreSQL database, for any number of processes.
///
/// Each transaction runs on its own thread to its end, even when the task that waits for it is cancelled. There are as many threads as
/// connections, so the thread queue is also the queue for connections. Every transaction has one deadline from its call to its commit, so
/// the wait in that queue is bounded, too.
package struct PostgresDatabase: SQLDatabase {
    /// The maximum number of attempts of a transaction that conflicts with others or loses its connection.
    private static let attempts = 5

    private let address: PostgresAddress
    private let pool: PostgresPool
    private let threads: BlockingPool
    private let listeners: BlockingPool

    /// Connects, and throws when the server cannot provide the durability that the registry promises.
    package static func open(_ address: PostgresAddress, connections: Int) async throws -> PostgresDatabase {
        let database = PostgresDatabase(address, connections: connections)
        do {
            try await database.checkServer()
            return database
        } catch {
            try await database.close()
            throw error
        }
    }

    private init(_ address: PostgresAddress, connections: Int) {
        self.address = address
        pool = PostgresPool(address)
        threads = BlockingPool(name: "postgres", threads: connections)
        listeners = BlockingPool(name: "postgres-news", threads: 1)
    }

    package var dialect: SQLDialect { .postgres }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await run(.read, body)
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await run(.write, body)
    }

    package func checkHealth() async throws {
        let isReadOnly = try await write { connection in
            try connection.first("SELECT current_setting('transaction_read_only')", [])?.text(0) == "on"
        }
        guard !isReadOnly else {
            throw SQLError(
                .readOnly,
                "PostgreSQL is read-only; connect to the primary server or end its read-only mode"
            )
        }
    }

    package func notifications() -> AsyncStream<SQLNotification>? {
        let (stream, continuation) = AsyncStream.makeStream(of: SQLNotification.self)
        let listener = PostgresListener(address, pool, continuation)
        continuation.onTermination = { _ in listener.stop() }
        let isTaken = listeners.submit {
            listener.run()
            continuation.finish()
        }
        if !isTaken { continuation.finish() }
        return stream
    }

    package func close() async throws {
        pool.close()
        await threads.shutDown()
        await listeners.shutDown()
    }

    private func run<Value: Sendable>(
        _ kind: PostgresTransactionKind,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        let deadline = ContinuousClock.now.advanced(by: PostgresTimeouts.transaction)
        return try await threads.complete(elseThrow: PostgresPool.closed) { [pool] in
            var attempt = 0
            while true {
                attempt += 1
                let session = try pool.take(until: deadline)
                defer { pool.give(session) }
                do {
                    return try PostgresTransaction.run(kind, on: session, body)
                } catch let error as SQLError {
                    let canBeRunAgain =
                        error.code == .conflict || (session.isBroken && error.code == .unavailable)
                    guard canBeRunAgain, attempt < Self.attempts, .now < deadline else { throw error }
                }
            }
        }
    }
}
