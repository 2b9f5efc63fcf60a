// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryStorage

/// What the registry knows besides content: every SQL statement is in this type's extensions, once for all databases.
///
/// Each method is one whole operation in one transaction.
package struct MetadataStore: Sendable {
    let database: any SQLDatabase
    private let clockWatch: ClockWatch?

    /// Without a watch the database's clock is always believed.
    package init(database: any SQLDatabase, clockWatch: ClockWatch? = nil) {
        self.database = database
        self.clockWatch = clockWatch
    }

    /// Which uploads and drafts have expired, by the time at which they do.
    func expired(_ connection: any SQLConnection) throws -> ClockWatch.Expired {
        let now = try connection.now()
        return clockWatch?.expired(at: now) ?? ClockWatch.Expired(after: Timestamp(microseconds: .min), through: now)
    }

    /// Has the watch look at the clock, which it does not by itself.
    package func watchClock() async throws {
        _ = try await database.read { try expired($0) }
    }

    /// Throws when the database cannot take writes now.
    package func checkHealth() async throws {
        try await database.checkHealth()
    }

    /// Closes the database.
    package func close() async throws {
        try await database.close()
    }

    /// Runs a transaction again that lost against another one; `change` is what it tells to other processes.
    ///
    /// A foreign key that refuses means that a row this transaction found was deleted before it could refer to it.
    func writeRetrying<Value: Sendable>(
        telling change: Change? = nil,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await writeRetrying(telling: change) { connection, _ in try body(connection) }
    }

    /// Does so, and tells the transaction whether it has lost before: then it can lock first what it lost.
    func writeRetrying<Value: Sendable>(
        telling change: Change? = nil,
        _ body: @escaping @Sendable (any SQLConnection, _ isRetry: Bool) throws -> Value
    ) async throws -> Value {
        func attempt(isRetry: Bool) async throws -> Value {
            try await database.write { connection in
                let value = try body(connection, isRetry)
                if let change { try connection.notify(change.rawValue) }
                return value
            }
        }
        for number in 0..<4 {
            do {
                return try await attempt(isRetry: number > 0)
            } catch let error as SQLError where error.code == .conflict || error.code == .foreignKeyViolation {
                continue
            }
        }
        return try await attempt(isRetry: true)
    }
}
