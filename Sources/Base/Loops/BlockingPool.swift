// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A bounded set of named threads for calls that block: disks, databases, password hashes.
///
/// Tasks that wait for one hold no thread of their own, and are resumed on the executor they came from.
package final class BlockingPool: Sendable {
    private struct Queue {
        /// The work that waits, first in, first out; `head` is where the next one lies.
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
            // The slot lets go of what the closure holds.
            let work = waiting[head]
            waiting[head] = {}
            return work
        }
    }

    private let name: String
    private let queue = Mutex(Queue())
    private let work = Condition()

    /// Starts `threads` threads; the first 15 bytes of `name` show in the system's tools.
    package init(name: String, threads: Int) {
        self.name = name
        queue.withLock { $0.threads = threads }
        for _ in 0..<threads {
            Thread.start(named: name) { [self] in run() }
        }
    }

    /// Runs work to its end, even when the task that waits for it is cancelled meanwhile.
    ///
    /// After `shutDown`, `closed` is thrown instead.
    package func complete<Value: Sendable>(
        elseThrow closed: any Error = PoolClosed(),
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = submit { continuation.resume(with: Result(catching: work)) }
            if !isTaken { continuation.resume(throwing: closed) }
        }
    }

    /// Queues work that nobody waits for; false after `shutDown`.
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

    /// Takes no more work, and returns when what was queued is done and the threads have ended.
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

/// Work came to a pool that was shut down.
package struct PoolClosed: Error, CustomStringConvertible {
    package init() {}
    package var description: String { "the thread pool was shut down" }
}
