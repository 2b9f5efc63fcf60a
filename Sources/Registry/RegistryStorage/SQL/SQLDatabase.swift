// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A database that runs whole transactions.
///
/// Guarantees, which the conformance suite tests on every driver:
/// - A closure runs in exactly one transaction: all of its statements take effect, or none does.
/// - `write` returns only when its transaction is durable and survives a power failure.
/// - An error of the closure or of the commit rolls the transaction back and reaches the caller. Only after `outcomeUnknown` may the
///   transaction have been committed.
/// - A closure may run several times when its transaction conflicts with another one or loses its connection. Only its last run counts.
/// - Closures are synchronous: no transaction is ever open across an `await`.
/// - Reads see only committed data, and all statements of one read see the same state.
package protocol SQLDatabase: Sendable {
    /// The SQL dialect of the database.
    var dialect: SQLDialect { get }

    /// Runs read-only statements in one transaction.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Runs statements in one transaction that is durable when the method returns.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Returns what processes send with `SQLConnection.notify`, until the iterating task ends; nil when one process owns the database.
    func notifications() -> AsyncStream<SQLNotification>?

    /// Throws when the database cannot accept writes now.
    func checkHealth() async throws

    /// Closes all connections; later calls throw `unavailable`.
    func close() async throws
}

/// One connection, inside one transaction.
package protocol SQLConnection {
    /// Returns the time of the database's clock, the only clock for records and expiry.
    func now() throws -> Timestamp

    /// Runs a statement and returns its rows.
    func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow]

    /// Runs a statement and returns the number of changed rows.
    @discardableResult
    func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int

    /// Notifies all listening processes when this transaction commits; has no effect when one process owns the database.
    func notify(_ message: String) throws

    /// Extends the time limit of this transaction beyond that of a request, on databases with such a limit.
    func extendDeadline(by duration: Duration) throws
}

extension SQLConnection {
    /// Runs a statement without arguments and returns its rows.
    package func query(_ statement: SQL) throws -> [SQLRow] {
        try query(statement, [])
    }

    /// Runs a statement without arguments and returns the number of changed rows.
    @discardableResult
    package func execute(_ statement: SQL) throws -> Int {
        try execute(statement, [])
    }

    /// Runs a statement and returns its first row, or nil when there is none.
    package func first(_ statement: SQL, _ arguments: [SQLValue]) throws -> SQLRow? {
        try query(statement, arguments).first
    }
}
