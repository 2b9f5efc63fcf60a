// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import Synchronization

/// A database that remembers the statements it was given.
final class RecordingDatabase: SQLDatabase {
    private let base: any SQLDatabase
    private let recorded = Mutex<[String]>([])

    init(_ base: any SQLDatabase) {
        self.base = base
    }

    /// The texts so far, which are forgotten.
    func takeStatements() -> [String] {
        recorded.withLock { texts in
            defer { texts = [] }
            return texts
        }
    }

    var dialect: SQLDialect { base.dialect }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.read { try body(Connection(base: $0, record: self.record)) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.write { try body(Connection(base: $0, record: self.record)) }
    }

    func notifications() -> AsyncStream<SQLNotification>? { base.notifications() }

    func checkHealth() async throws { try await base.checkHealth() }

    func close() async throws { try await base.close() }

    private func record(_ statement: SQL) {
        recorded.withLock { $0.append(statement.text) }
    }

    private struct Connection: SQLConnection {
        let base: any SQLConnection
        let record: (SQL) -> Void

        func now() throws -> Timestamp { try base.now() }

        func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow] {
            record(statement)
            return try base.query(statement, arguments)
        }

        func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int {
            record(statement)
            return try base.execute(statement, arguments)
        }

        func notify(_ message: String) throws { try base.notify(message) }

        func extendDeadline(by duration: Duration) throws { try base.extendDeadline(by: duration) }
    }
}
