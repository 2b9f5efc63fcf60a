// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage
import Synchronization

/// Runs writers that wait at the same time in one SQLite transaction, so that they share one sync of the disk.
///
/// Each of several writers runs in a savepoint of its own: one that throws undoes its own changes only. None of them hears
/// of success before the commit that holds its changes is durable; when that commit fails, all of them fail.
final class GroupCommitWriter: Sendable {
    /// Bounds how long the first writer of a group waits for the last.
    private static let groupLimit = 256

    private struct Queue {
        var waiting: [any PendingWrite] = []
        var isDraining = false
        var isClosed = false
        var failure: SQLError?
        var checkpoints = CheckpointPlan()

        /// Why nothing can be written.
        var refusal: SQLError? { isClosed ? SQLiteDatabase.closed : failure }
    }

    private let connection: SQLiteConnection
    private let clock: @Sendable () -> Timestamp
    private let thread = BlockingPool(name: "sqlite-writer", threads: 1)
    private let queue = Mutex(Queue())

    /// Takes over the one connection that writes.
    init(_ connection: SQLiteConnection, clock: @escaping @Sendable () -> Timestamp) {
        self.connection = connection
        self.clock = clock
    }

    /// Waits for the group that this writer becomes part of.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let pending = Pending(body: body, continuation: continuation)
            let (refusal, mustStart) = queue.withLock { queue in
                if let refusal = queue.refusal { return (refusal, false) as (SQLError?, Bool) }
                queue.waiting.append(pending)
                defer { queue.isDraining = true }
                return (nil, !queue.isDraining)
            }
            if let refusal { return pending.fail(refusal) }
            if mustStart { thread.submit { self.drain() } }
        }
    }

    /// Throws once a sync of the database has failed: what the disk holds is unknown until the next start recovers it.
    func checkHealth() throws {
        if let refusal = queue.withLock({ $0.refusal }) { throw refusal }
    }

    /// Takes no more writers, ends those that wait, and leaves everything in the database's one file.
    func close() async {
        let isFirst = queue.withLock { queue in
            defer { queue.isClosed = true }
            return !queue.isClosed
        }
        if isFirst { thread.submit { self.closeConnection() } }
        await thread.shutDown()
    }

    private func closeConnection() {
        if connection.hasFailedSync {
            try? connection.keepLogAtClose()
        } else {
            // Who else reads the database, an administrator's tool, does not hold up the end. What cannot be copied now is
            // recovered from the log at the next start.
            connection.wait(atMost: .seconds(1))
            try? connection.checkpoint(.truncate)
        }
        connection.close()
    }

    private func drain() {
        while let group = nextGroup() {
            do {
                try run(group)
            } catch {
                noteFailure()
                let error = (error as? SQLiteFailure)?.error ?? error
                for pending in group { pending.fail(error) }
            }
            checkpoint(isIdle: false)
        }
        checkpoint(isIdle: true)
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

    private func run(_ group: [any PendingWrite]) throws {
        if let failure = queue.withLock({ $0.failure }) { throw failure }
        try connection.run("BEGIN IMMEDIATE")
        var answers: [@Sendable () -> Void] = []
        do {
            let transaction = SQLiteTransaction(connection: connection, clock: clock)
            for pending in group {
                answers.append(
                    group.count == 1 ? try pending.run(transaction) : try pending.runInSavepoint(transaction)
                )
            }
            try commit()
        } catch {
            // SQLite has rolled back by itself after some errors; then there is nothing left to roll back.
            if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
            throw error
        }
        for answer in answers { answer() }
    }

    private func commit() throws {
        do throws(SQLiteFailure) {
            try connection.run("COMMIT")
        } catch {
            guard error.isInputOutput else { throw error }
            noteFailure()
            // What reached the disk may come back when the next start recovers the log.
            throw SQLError(.outcomeUnknown, "the outcome of a commit is not known: \(error.error.message)")
        }
    }

    /// Copies the log when it is time, on the connection that writes: two that do so at the same moment can harm a log.
    private func checkpoint(isIdle: Bool) {
        let pages = connection.pagesInLog
        let checkpoint = queue.withLock { queue -> SQLiteConnection.Checkpoint? in
            guard queue.failure == nil,
                let checkpoint = queue.checkpoints.checkpoint(pagesInLog: pages, isIdle: isIdle)
            else { return nil }
            queue.checkpoints.noteCopy(pagesInLog: pages)
            return checkpoint
        }
        guard let checkpoint else { return }
        // Writers do not wait long for a reader that walks through everything.
        if checkpoint == .restart { connection.wait(atMost: .milliseconds(100)) }
        defer { connection.wait(atMost: .seconds(5)) }
        // What was not copied is copied next time, but a sync that failed is final.
        do { try connection.checkpoint(checkpoint) } catch { noteFailure() }
    }

    private func noteFailure() {
        guard connection.hasFailedSync else { return }
        queue.withLock {
            $0.failure = SQLError(
                .unavailable,
                "a sync of the database failed, so it takes no more writes: check the disk, then restart the server"
            )
        }
    }
}

/// A writer that waits for its group.
private protocol PendingWrite: Sendable {
    /// Runs as the only one of its transaction; returns the answer to give after the commit.
    func run(_ transaction: SQLiteTransaction) throws -> @Sendable () -> Void
    /// Runs beside others; what it throws undoes its own changes, unless SQLite undid everything.
    func runInSavepoint(_ transaction: SQLiteTransaction) throws -> @Sendable () -> Void
    func fail(_ error: any Error)
}

private struct Pending<Value: Sendable>: PendingWrite {
    let body: @Sendable (any SQLConnection) throws -> Value
    let continuation: CheckedContinuation<Value, any Error>

    func run(_ transaction: SQLiteTransaction) throws -> @Sendable () -> Void {
        let value = try body(transaction)
        return { [continuation] in continuation.resume(returning: value) }
    }

    func runInSavepoint(_ transaction: SQLiteTransaction) throws -> @Sendable () -> Void {
        let connection = transaction.connection
        try connection.run("SAVEPOINT writer")
        do {
            let answer = try run(transaction)
            try connection.run("RELEASE SAVEPOINT writer")
            return answer
        } catch {
            // Not there any more: SQLite undid the whole group, which the caller answers for.
            guard connection.isInTransaction else { throw error }
            try connection.run("ROLLBACK TO SAVEPOINT writer")
            try connection.run("RELEASE SAVEPOINT writer")
            let error = (error as? SQLiteFailure)?.error ?? error
            return { [continuation] in continuation.resume(throwing: error) }
        }
    }

    func fail(_ error: any Error) {
        continuation.resume(throwing: error)
    }
}
