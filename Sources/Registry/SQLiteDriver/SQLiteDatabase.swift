// SPDX-License-Identifier: Apache-2.0

import GRDB
import NIOPosix
package import RegistryCore
package import RegistryStorage

/// A database in one file, for one process: one connection writes, several read.
///
/// SQLite before 3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the same moment, so
/// the pool's single writer does every write and every checkpoint, and the caller holds a lock on the directory.
package struct SQLiteDatabase: SQLDatabase {
    private let pool: DatabasePool
    /// One for each reader: a read that blocks one of these costs less than the library's own queues.
    private let threads: NIOThreadPool
    private let writer: GroupCommitWriter
    private let clock: @Sendable () -> Timestamp

    /// Opens the file, creating it when it is missing; its log and index lie beside it.
    ///
    /// `readers` connections read at the same time; `clock` is the time that `now()` of a connection answers.
    package init(path: String, readers: Int, clock: @escaping @Sendable () -> Timestamp) throws {
        var configuration = Configuration()
        configuration.label = "metadata"
        configuration.maximumReaderCount = readers
        // Only an administrator's tool can hold the lock: it gets five seconds, then the caller hears of it.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            if database.configuration.readonly {
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            }
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB leaves NORMAL, with which the last commits may be lost at a power cut.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
        threads = NIOThreadPool(numberOfThreads: readers)
        threads.start()
        writer = GroupCommitWriter(pool: pool, clock: clock)
        self.clock = clock
    }

    private static let closed = SQLError(.unavailable, "the database was closed: the server is shutting down")

    package var dialect: SQLDialect { .sqlite }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        do {
            return try await threads.complete(elseThrow: Self.closed) { [pool, clock] in
                try pool.read { try body(SQLiteConnection(database: $0, clock: clock)) }
            }
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        do {
            return try await writer.write(body)
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    package func notifications() -> AsyncStream<SQLNotification>? { nil }

    package func checkHealth() async throws {
        try writer.checkHealth()
        _ = try await read { try $0.query("SELECT 1") }
    }

    package func close() async throws {
        try await threads.shutdownGracefully()
        do {
            try pool.close()
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }
}
