// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage
import Synchronization

/// A pool of readers that runs reads in parallel, each on its own thread and connection, and batches waiting reads into one transaction.
///
/// A read joins a transaction only if the read was requested before the transaction began. It therefore sees everything that was committed
/// before the request.
final class SnapshotReaders: Sendable {
    /// The maximum number of reads in a transaction, which limits the age of its snapshot and the time the log must be kept for it.
    private static let transactionLimit = 16

    private struct Read: Sendable {
        /// The number of the read, in the order of the requests.
        let number: Int
        /// Runs the read; returns false when it failed.
        let run: @Sendable (Result<SQLiteTransaction, SQLError>) -> Bool
    }

    private struct State {
        var waiting: [Read] = []
        var newest = 0
        /// The idle connections; there are as many connections as threads, so a thread with work always finds one.
        var idle: [SQLiteConnection]

        /// Removes and returns the longest waiting read, unless it is newer than the given number.
        mutating func take(upTo number: Int) -> Read? {
            guard let first = waiting.first, first.number <= number else { return nil }
            return waiting.removeFirst()
        }
    }

    private let clock: @Sendable () -> Timestamp
    private let threads: BlockingPool
    private let state: Mutex<State>

    /// Takes ownership of reading connections, and starts a thread for each.
    init(_ connections: [SQLiteConnection], clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
        threads = BlockingPool(name: "sqlite-reader", threads: connections.count)
        state = Mutex(State(idle: connections))
    }

    /// Runs a read on the current state or a later one.
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
            // Each read submits one turn. When a turn runs several reads, the later turns find nothing to do.
            guard !threads.submit({ self.takeTurn() }) else { return }
            while let read = state.withLock({ $0.take(upTo: .max) }) { _ = read.run(.failure(SQLiteDatabase.closed)) }
        }
    }

    /// Refuses new reads, completes the waiting ones, and closes the connections.
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
            // The first statement after BEGIN chooses the snapshot, which is therefore later than all of these reads.
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
        // There are no changes to keep. A transaction that SQLite ended by itself cannot be ended again.
        if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
    }
}
