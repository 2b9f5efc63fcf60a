// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A bounded pool of named threads for blocking calls: disks, databases, password hashes.
///
/// Waiting tasks occupy no thread, and resume on the executor they came from.
package final class BlockingPool: Sendable {
    private struct Queue {
        /// The queued work, first in, first out; `head` is the index of the next item.
        var waiting: [@Sendable () -> Void] = []
        var head = 0
        var isClosed = false
        var threads = 0
        var closed: [CheckedContinuation<Void, Never>] = []

        mutating func next() -> (@Sendable () -> Void)? {
            guard head < waiting.count else { return nil }
            defer {
                head += 1
                if head == waiting.count {
                    waiting.removeAll(keepingCapacity: waiting.capacity <= 1024)
                    head = 0
                } else if head >= 1024 {
                    waiting.removeFirst(head)
                    head = 0
                }
            }
            // Releases what the closure captures.
            let work = waiting[head]
            waiting[head] = {}
            return work
        }
    }

    private let name: String
    private let queue = Mutex(Queue())
    private let work = Condition()

    /// Starts `threads` threads; system tools show the first 15 bytes of `name`.
    package init(name: String, threads: Int) {
        self.name = name
        queue.withLock { $0.threads = threads }
        for _ in 0..<threads {
            Thread.start(named: name) { [self] in run() }
        }
    }

    /// Runs work to completion, even when the waiting task is cancelled meanwhile.
    ///
    /// Throws `closed` after `shutDown`.
    package func complete<Value: Sendable>(
        elseThrow closed: any Error = PoolClosed(),
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = submit { continuation.resume(with: Result(catching: work)) }
            if !isTaken { continuation.resume(throwing: closed) }
        }
    }

    /// Queues work without waiting for it; returns false after `shutDown`.
    @discardableResult
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = queue.withLock { queue in
            guard !queue.isClosed else { return false }
            queue.waiting.append(work)
            return true
        }
        if isTaken { self.work.signal() }
        return isTaken
    }

    /// Rejects new work, and waits until the queued work is done and all threads have ended.
    package func shutDown() async {
        await withCheckedContinuation { continuation in
            let isOver = queue.withLock { queue in
                queue.isClosed = true
                if queue.threads > 0 { queue.closed.append(continuation) }
                return queue.threads == 0
            }
            work.broadcast()
            if isOver { continuation.resume() }
        }
    }

    private func run() {
        while true {
            let (next, isClosed) = queue.withLock { ($0.next(), $0.isClosed) }
            if let next {
                next()
            } else if isClosed {
                return end()
            } else {
                work.wait(until: { queue.withLock { $0.head < $0.waiting.count || $0.isClosed } })
            }
        }
    }

    private func end() {
        let closed = queue.withLock { queue in
            queue.threads -= 1
            guard queue.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { queue.closed = [] }
            return queue.closed
        }
        for continuation in closed { continuation.resume() }
    }
}

/// The error for work that is submitted to a closed pool.
package struct PoolClosed: Error, CustomStringConvertible {
    package init() {}
    package var description: String { "the thread pool was shut down" }
}
