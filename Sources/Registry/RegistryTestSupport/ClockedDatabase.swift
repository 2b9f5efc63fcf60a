// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryStorage

/// A database that uses a test's clock instead of the server's.
package struct ClockedDatabase: SQLDatabase {
    private let base: any SQLDatabase
    private let clock: ManualClock

    package init(base: any SQLDatabase, clock: ManualClock) {
        self.base = base
        self.clock = clock
    }

    package var dialect: SQLDialect { base.dialect }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.read { [clock] in try body(Connection(base: $0, clock: clock)) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.write { [clock] in try body(Connection(base: $0, clock: clock)) }
    }

    package func notifications() -> AsyncStream<SQLNotification>? { base.notifications() }

    package func checkHealth() async throws { try await base.checkHealth() }

    package func close() async throws { try await base.close() }

    private struct Connection: SQLConnection {
        let base: any SQLConnection
        let clock: ManualClock

        func now() throws -> Timestamp { clock.now() }

        func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow] {
            try base.query(statement, arguments)
        }

        func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int {
            try base.execute(statement, arguments)
        }

        func notify(_ message: String) throws { try base.notify(message) }

        func extendDeadline(by duration: Duration) throws { try base.extendDeadline(by: duration) }
    }
}
