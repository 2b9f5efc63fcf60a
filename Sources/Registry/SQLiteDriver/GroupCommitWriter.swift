// SPDX-License-Identifier: Apache-2.0

import GRDB
import RegistryCore
import RegistryStorage
import Synchronization

/// Runs writers that wait at the same time in one SQLite transaction, so that they share one sync of the disk.
///
/// Each writer runs in a savepoint of its own: one that throws undoes its own changes only. None of them hears of
/// success before the commit that holds its changes is durable; when that commit fails, all of them fail.
final class GroupCommitWriter: Sendable {
    /// Bounds how long the first writer of a group waits for the last.
    private static let groupLimit = 256

    private struct Queue {
        var waiting: [any PendingWrite] = []
        var isDraining = false
        var failure: SQLError?
    }

    private let pool: DatabasePool
    private let clock: @Sendable () -> Timestamp
    private let queue = Mutex(Queue())

    init(pool: DatabasePool, clock: @escaping @Sendable () -> Timestamp) {
        self.pool = pool
        self.clock = clock
    }

    /// Waits for the group that this writer becomes part of.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try checkHealth()
        return try await withCheckedThrowingContinuation { continuation in
            let mustStart = queue.withLock { queue in
                queue.waiting.append(Pending(body: body, continuation: continuation))
                defer { queue.isDraining = true }
                return !queue.isDraining
            }
            if mustStart { pool.asyncWriteWithoutTransaction { self.drain($0) } }
        }
    }

    /// Throws once a sync of the database has failed: what the disk holds is unknown until the next start recovers it.
    func checkHealth() throws {
        if let failure = queue.withLock({ $0.failure }) { throw failure }
    }

    private func drain(_ database: Database) {
        while let group = nextGroup() {
            let outcome = Result { try run(group, database) }
            if case .failure(let error) = outcome {
                noteFailure(error)
                for pending in group { pending.fail(error) }
            }
        }
    }

    private func nextGroup() -> [any PendingWrite]? {
        queue.withLock { queue in
            guard !queue.waiting.isEmpty else {
                queue.isDraining = false
                return nil
            }
            let group = Array(queue.waiting.prefix(Self.groupLimit))
            queue.waiting.removeFirst(group.count)
            return group
        }
    }

    private func run(_ group: [any PendingWrite], _ database: Database) throws {
        if let failure = queue.withLock({ $0.failure }) { throw failure }
        let connection = SQLiteConnection(database: database, clock: clock)
        try database.run("BEGIN IMMEDIATE")
        var answers: [@Sendable () -> Void] = []
        do {
            for pending in group {
                try database.run("SAVEPOINT writer")
                answers.append(try pending.run(connection, database))
            }
            try commit(database)
        } catch {
            // SQLite has rolled back by itself after some errors; then there is nothing left to roll back.
            if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
            throw error
        }
        for answer in answers { answer() }
    }

    private func commit(_ database: Database) throws {
        do {
            try database.run("COMMIT")
        } catch let error as DatabaseError where error.resultCode == .SQLITE_IOERR {
            noteFailure(error)
            // What reached the disk may come back when the next start recovers the log.
            throw SQLError(.outcomeUnknown, "the outcome of a commit is not known: \(SQLError(error).message)")
        }
    }

    private func noteFailure(_ error: any Error) {
        guard let error = error as? DatabaseError, error.extendedResultCode == .SQLITE_IOERR_FSYNC else { return }
        queue.withLock {
            $0.failure = SQLError(
                .unavailable,
                "a sync of the database failed, so it takes no more writes: check the disk, then restart the server"
            )
        }
    }
}

extension Database {
    /// Runs a statement without arguments that is prepared once.
    fileprivate func run(_ statement: String) throws {
        try cachedStatement(sql: statement).execute()
    }
}

/// A writer that waits for its group.
private protocol PendingWrite: Sendable {
    /// Runs in the open savepoint and closes it; returns the answer to give after the commit.
    func run(_ connection: SQLiteConnection, _ database: Database) throws -> @Sendable () -> Void
    func fail(_ error: any Error)
}

private struct Pending<Value: Sendable>: PendingWrite {
    let body: @Sendable (any SQLConnection) throws -> Value
    let continuation: CheckedContinuation<Value, any Error>

    func run(_ connection: SQLiteConnection, _ database: Database) throws -> @Sendable () -> Void {
        let result: Result<Value, any Error>
        do {
            result = .success(try body(connection))
            try database.run("RELEASE SAVEPOINT writer")
        } catch {
            // Not there any more: SQLite undid the whole group, which the caller answers for.
            guard database.isInsideTransaction else { throw error }
            try database.run("ROLLBACK TO SAVEPOINT writer")
            try database.run("RELEASE SAVEPOINT writer")
            return { [continuation] in continuation.resume(throwing: error) }
        }
        return { [continuation] in continuation.resume(with: result) }
    }

    func fail(_ error: any Error) {
        continuation.resume(throwing: error)
    }
}
