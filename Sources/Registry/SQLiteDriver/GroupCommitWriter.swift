// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage
import Synchronization

/// A writer that runs waiting writes in one SQLite transaction, so that they share one sync of the disk.
///
/// Each of several writes runs in its own savepoint, so an error undoes only its own changes. A write succeeds only after the commit with
/// its changes is durable. When that commit fails, all writes of the group fail.
final class GroupCommitWriter: Sendable {
    /// The maximum size of a group, which limits how long its first write waits for its last.
    private static let groupLimit = 256

    private struct Queue {
        var waiting: [any PendingWrite] = []
        var isDraining = false
        var isClosed = false
        var failure: SQLError?
        var checkpoints = CheckpointPlan()

        /// The reason why the database accepts no writes.
        var refusal: SQLError? { isClosed ? SQLiteDatabase.closed : failure }
    }

    private let connection: SQLiteConnection
    private let clock: @Sendable () -> Timestamp
    private let thread = BlockingPool(name: "sqlite-writer", threads: 1)
    private let queue = Mutex(Queue())

    /// Takes ownership of the only connection that writes.
    init(_ connection: SQLiteConnection, clock: @escaping @Sendable () -> Timestamp) {
        self.connection = connection
        self.clock = clock
    }

    /// Runs a write as part of the next group.
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

    /// Throws after a failed sync: the state of the disk is unknown until the next start recovers the database.
    func checkHealth() throws {
        if let refusal = queue.withLock({ $0.refusal }) { throw refusal }
    }

    /// Refuses new writes, completes the waiting ones, and copies the log into the database file.
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
            // Another reader, such as an administrator's tool, does not delay the shutdown. The next start recovers from
            // the log what cannot be copied now.
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
            // After some errors, SQLite has already rolled back.
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
            // Changes that reached the disk may reappear when the next start recovers the log.
            throw SQLError(.outcomeUnknown, "the outcome of a commit is unknown: \(error.error.message)")
        }
    }

    /// Copies the log when it is due, on the writing connection: two concurrent checkpoints can damage a log.
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
        // Writers wait only briefly for a reader that scans the whole database.
        if checkpoint == .restart { connection.wait(atMost: .milliseconds(100)) }
        defer { connection.wait(atMost: .seconds(5)) }
        // The next checkpoint copies the remaining pages, but a failed sync is final.
        do { try connection.checkpoint(checkpoint) } catch { noteFailure() }
    }

    private func noteFailure() {
        guard connection.hasFailedSync else { return }
        queue.withLock {
            $0.failure = SQLError(
                .unavailable,
                "the database accepts no more writes: a sync failed; check the disk, then restart the server"
            )
        }
    }
}

/// A write that waits for its group.
private protocol PendingWrite: Sendable {
    /// Runs alone in its transaction; returns the function that delivers the result after the commit.
    func run(_ transaction: SQLiteTransaction) throws -> @Sendable () -> Void
    /// Runs beside others; an error undoes only its own changes, unless SQLite rolled back the whole transaction.
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
            // The savepoint is gone: SQLite rolled back the whole group, and the caller fails all its writes.
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
