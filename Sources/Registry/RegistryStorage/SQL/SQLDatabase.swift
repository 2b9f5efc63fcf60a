// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A database that runs whole transactions.
///
/// Promises, each tested on every driver by the conformance suite:
/// - A closure runs in exactly one transaction: all of its statements take effect, or none does.
/// - `write` returns only when its transaction is durable: it survives a power cut.
/// - An error thrown by the closure, or by the commit, rolls the transaction back and reaches the caller; only after
///   `outcomeUnknown` the transaction may have been committed.
/// - A closure may run several times, when its transaction lost against another one or lost its connection; what counts is
///   its last run.
/// - Closures are synchronous: no transaction is ever open across an `await`.
/// - Reads see only committed data, and all statements of one read see the same state.
package protocol SQLDatabase: Sendable {
    /// Where the databases differ in words.
    var dialect: SQLDialect { get }

    /// Runs statements that change nothing, in one transaction.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Runs statements in one transaction that is durable when this returns.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// What other processes tell by `SQLConnection.notify`, until the task that iterates ends; nil when one process owns the
    /// database.
    func notifications() -> AsyncStream<SQLNotification>?

    /// Throws when the database cannot take writes now.
    func checkHealth() async throws

    /// Closes all connections; later calls throw `unavailable`.
    func close() async throws
}

/// One connection, inside one transaction.
package protocol SQLConnection {
    /// The database's clock, the only clock that records and expiry are judged by.
    func now() throws -> Timestamp

    /// Runs a statement and returns its rows.
    func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow]

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int

    /// Tells every process that listens, when this transaction is committed; in vain when one process owns the database.
    func notify(_ message: String) throws

    /// Lets this transaction take longer than a request waits, where a database limits that.
    func extendDeadline(by duration: Duration) throws
}

extension SQLConnection {
    /// Runs a statement without arguments and returns its rows.
    package func query(_ statement: SQL) throws -> [SQLRow] {
        try query(statement, [])
    }

    /// Runs a statement without arguments and returns how many rows it changed.
    @discardableResult
    package func execute(_ statement: SQL) throws -> Int {
        try execute(statement, [])
    }

    /// Runs a statement that gives at most one row of interest.
    package func first(_ statement: SQL, _ arguments: [SQLValue]) throws -> SQLRow? {
        try query(statement, arguments).first
    }
}
