// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryStorage
import Synchronization

/// The database of the stores: runs their transactions, retries those that lost against another one, and tells what they changed.
package struct MetadataDatabase: Sendable {
    private let database: any SQLDatabase
    private let clockWatch: ClockWatch?
    private let observers = ChangeObservers()

    init(_ database: any SQLDatabase, clockWatch: ClockWatch?) {
        self.database = database
        self.clockWatch = clockWatch
    }

    var dialect: SQLDialect { database.dialect }

    /// Runs statements that change nothing, in one transaction.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await database.read { try body(transaction(on: $0, isRetry: false)) }
    }

    /// Runs a transaction, again if it lost against another one; a `Rollback` that it throws becomes its outcome.
    ///
    /// A violated foreign key is retried, too: a row that the transaction found was deleted before the transaction could refer to it.
    /// Everything that remembers what `change` invalidates is told, on every node, before this returns.
    func write<Value: Sendable>(
        telling change: Change? = nil,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        var losses = 0
        while true {
            do {
                return try await writeOnce(telling: change, isRetry: losses > 0, body)
            } catch let rollback as Rollback<Value> {
                return rollback.outcome
            } catch let error as SQLError where losses < 4 && error.code.isWorthRetrying {
                losses += 1
            }
        }
    }

    /// Runs a transaction that is not retried here, though the database may run it again.
    func writeOnce<Value: Sendable>(
        telling change: Change? = nil,
        isRetry: Bool = false,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        do {
            let value = try await database.write { connection in
                let value = try body(transaction(on: connection, isRetry: isRetry))
                if let change { try connection.notify(change.rawValue) }
                return value
            }
            if let change { observers.tell(change) }
            return value
        } catch let error as SQLError where error.code == .outcomeUnknown {
            if let change { observers.tell(change) }
            throw error
        }
    }

    private func transaction(on connection: any SQLConnection, isRetry: Bool) -> Transaction {
        Transaction(connection: connection, dialect: database.dialect, isRetry: isRetry, clockWatch: clockWatch)
    }

    /// Calls a closure after each change that a transaction of this process made; it must be quick.
    package func observe(_ observer: @escaping @Sendable (Change) -> Void) {
        observers.add(observer)
    }

    /// The changes of all processes that share this database, each the raw value of a `Change`; nil if no other process can have it.
    package func changes() -> AsyncStream<SQLNotification>? { database.notifications() }

    /// Compares the database's clock with the watch's, which does not do so by itself.
    package func watchClock() async throws {
        _ = try await read { try $0.expired }
    }

    /// Throws if the database cannot accept writes now.
    package func checkHealth() async throws {
        try await database.checkHealth()
    }

    /// Closes the database.
    package func close() async throws {
        try await database.close()
    }
}

/// A change after which every process must forget what it remembers; the transaction that makes it tells it.
package enum Change: String, Hashable, Sendable {
    /// Something that was published was deleted or hidden.
    case deletion
    /// An account, a token, a team or a visibility changed, so that access may have been withdrawn.
    case access
}

/// The closures of this process that are called after a change.
private final class ChangeObservers: Sendable {
    private let observers = Mutex<[@Sendable (Change) -> Void]>([])

    func add(_ observer: @escaping @Sendable (Change) -> Void) {
        observers.withLock { $0.append(observer) }
    }

    func tell(_ change: Change) {
        for observer in observers.withLock({ $0 }) { observer(change) }
    }
}

extension SQLError.Code {
    fileprivate var isWorthRetrying: Bool { self == .conflict || self == .foreignKeyViolation }
}
