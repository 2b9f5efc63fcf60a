// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

/// A database in one file, for one process: one connection writes, several read.
///
/// SQLite before 3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the same moment. The single writer
/// therefore does every write and every checkpoint, and the caller holds a lock on the directory.
package struct SQLiteDatabase: SQLDatabase {
    private let writer: GroupCommitWriter
    private let readers: SnapshotReaders

    /// Opens the file, or creates a missing one; the log and its index are next to it.
    ///
    /// `readers` is the number of connections for concurrent reads. `clock` provides the time for `now()` of a connection.
    package init(path: String, readers: Int, clock: @escaping @Sendable () -> Timestamp) throws {
        try self.init(path: path, readers: readers, clock: clock, fileSystem: nil)
    }

    /// Opens the file through one of SQLite's virtual file systems.
    init(path: String, readers: Int, clock: @escaping @Sendable () -> Timestamp, fileSystem: String?) throws {
        let writing = try SQLiteConnection.openWriter(path: path, fileSystem: fileSystem)
        let reading = try (0..<readers).map { _ in
            try SQLiteConnection.openReader(path: path, fileSystem: fileSystem)
        }
        writer = GroupCommitWriter(writing, clock: clock)
        self.readers = SnapshotReaders(reading, clock: clock)
    }

    static let closed = SQLError(.unavailable, "the database is closed: the server is shutting down")

    package var dialect: SQLDialect { .sqlite }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await readers.read(body)
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await writer.write(body)
    }

    package func notifications() -> AsyncStream<SQLNotification>? { nil }

    package func checkHealth() async throws {
        try writer.checkHealth()
        _ = try await read { try $0.query("SELECT 1") }
    }

    package func close() async throws {
        await readers.close()
        await writer.close()
    }
}
