// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage
import Synchronization

/// Runs reads side by side, each on a thread and a connection, and those that wait at the same time in one transaction.
///
/// A read may join a transaction only when it was asked for before that began, so that it sees everything that was committed
/// before it was asked for.
final class SnapshotReaders: Sendable {
    /// Bounds how old a state may become, and how long the log must be kept for it.
    private static let transactionLimit = 16

    private struct Read: Sendable {
        /// The number of the read, in the order in which reads were asked for.
        let number: Int
        /// Answers it; false when it failed.
        let run: @Sendable (Result<SQLiteTransaction, SQLError>) -> Bool
    }

    private struct State {
        var waiting: [Read] = []
        var newest = 0
        /// As many connections as threads, so that a thread with work always finds one.
        var idle: [SQLiteConnection]

        /// The read that has waited longest, when it is not newer than another one.
        mutating func take(upTo number: Int) -> Read? {
            guard let first = waiting.first, first.number <= number else { return nil }
            return waiting.removeFirst()
        }
    }

    private let clock: @Sendable () -> Timestamp
    private let threads: BlockingPool
    private let state: Mutex<State>

    /// Takes over connections that read, and gives each a thread.
    init(_ connections: [SQLiteConnection], clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
        threads = BlockingPool(name: "sqlite-reader", threads: connections.count)
        state = Mutex(State(idle: connections))
    }

    /// Runs a read on the state of this moment or a later one.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let run: @Sendable (Result<SQLiteTransaction, SQLError>) -> Bool = { transaction in
                let outcome = Result { try body(try transaction.get()) }
                continuation.resume(with: outcome)
                return (try? outcome.get()) != nil
            }
            state.withLock { state in
                state.newest += 1
                state.waiting.append(Read(number: state.newest, run: run))
            }
            // Each read brings one turn; a turn that answers several leaves the others with nothing to do.
            guard !threads.submit({ self.takeTurn() }) else { return }
            while let read = state.withLock({ $0.take(upTo: .max) }) { _ = read.run(.failure(SQLiteDatabase.closed)) }
        }
    }

    /// Takes no more reads, ends those that wait, and closes the connections.
    func close() async {
        await threads.shutDown()
        for connection in state.withLock({ $0.idle }) { connection.close() }
    }

    private func takeTurn() {
        let turn = state.withLock { state -> (SQLiteConnection, Read, Int)? in
            guard let first = state.take(upTo: .max), let connection = state.idle.popLast() else { return nil }
            return (connection, first, state.newest)
        }
        guard let (connection, first, newest) = turn else { return }
        run(first, andThoseUpTo: newest, on: connection)
        state.withLock { $0.idle.append(connection) }
    }

    private func run(_ first: Read, andThoseUpTo newest: Int, on connection: SQLiteConnection) {
        do throws(SQLiteFailure) {
            // The state is chosen by the first statement behind it, which is later than all of these reads.
            try connection.run("BEGIN")
        } catch {
            _ = first.run(.failure(error.error))
            return
        }
        let transaction = SQLiteTransaction(connection: connection, clock: clock)
        var read = first
        var count = 1
        while read.run(.success(transaction)), count < Self.transactionLimit,
            let next = state.withLock({ $0.take(upTo: newest) })
        {
            read = next
            count += 1
        }
        // Nothing was changed; a transaction that SQLite ended by itself cannot be ended once more.
        if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
    }
}
