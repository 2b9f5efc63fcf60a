// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryStorage
import Synchronization

/// A database that records the statements it runs and the messages to other processes.
package final class RecordingDatabase: SQLDatabase {
    private let base: any SQLDatabase
    private let recorded = Mutex<[String]>([])
    private let messages = Mutex<[String]>([])

    package init(_ base: any SQLDatabase) {
        self.base = base
    }

    /// Returns the recorded statements and clears the record.
    package func takeStatements() -> [String] {
        recorded.withLock { texts in
            defer { texts = [] }
            return texts
        }
    }

    /// Returns the recorded messages to other processes and clears the record.
    package func takeMessages() -> [String] {
        messages.withLock { texts in
            defer { texts = [] }
            return texts
        }
    }

    package var dialect: SQLDialect { base.dialect }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.read { try body(Connection(base: $0, record: self.record, note: self.note)) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.write { try body(Connection(base: $0, record: self.record, note: self.note)) }
    }

    package func notifications() -> AsyncStream<SQLNotification>? { base.notifications() }

    package func checkHealth() async throws { try await base.checkHealth() }

    package func close() async throws { try await base.close() }

    private func record(_ statement: SQL) {
        recorded.withLock { $0.append(statement.text) }
    }

    private func note(_ message: String) {
        messages.withLock { $0.append(message) }
    }

    private struct Connection: SQLConnection {
        let base: any SQLConnection
        let record: (SQL) -> Void
        let note: (String) -> Void

        func now() throws -> Timestamp { try base.now() }

        func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow] {
            record(statement)
            return try base.query(statement, arguments)
        }

        func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int {
            record(statement)
            return try base.execute(statement, arguments)
        }

        func notify(_ message: String) throws {
            note(message)
            try base.notify(message)
        }

        func extendDeadline(by duration: Duration) throws { try base.extendDeadline(by: duration) }
    }
}
