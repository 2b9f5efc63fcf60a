// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// Threads for tests that block on sockets, so that no server waits for them.
final class BlockingExecutor: TaskExecutor {
    /// A few only: more tests at a time would make the deadlines of each other late.
    static let shared = BlockingExecutor(threads: 6)

    private let pool: BlockingPool

    init(threads: Int) {
        pool = BlockingPool(name: "tests", threads: threads)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Something took longer than a test waits.
struct TookTooLong: Error {
    let what: String
}

/// Values that come from anywhere, for which threads wait.
final class Record<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let changed = Condition()

    /// All that came, in order.
    var all: [Value] { values.withLock { $0 } }

    func append(_ value: Value) {
        values.withLock { $0.append(value) }
        changed.broadcast()
    }

    /// Blocks until what came is enough.
    @discardableResult
    func wait(_ what: String = "a record", until isEnough: ([Value]) -> Bool) throws -> [Value] {
        guard changed.wait(atMost: .seconds(patience), until: { isEnough(all) }) else {
            throw TookTooLong(what: "\(what): \(all.suffix(20))")
        }
        return all
    }

    @discardableResult
    func wait(count: Int) throws -> [Value] { try wait("\(count) values") { $0.count >= count } }
}

/// Opens once; tasks and threads wait for it.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let opened = Condition()

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        opened.broadcast()
        for continuation in waiting { continuation.resume() }
    }

    /// Suspends the task.
    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Blocks the thread.
    func wait(_ what: String = "a latch") throws {
        guard opened.wait(atMost: .seconds(patience), until: { isOpen }) else { throw TookTooLong(what: what) }
    }
}

/// How many seconds a test waits for what should come at once; sanitizers are slow.
let patience: Int64 = 60

/// Seconds on the monotonic clock.
func seconds() -> Double { Double(EventLoop.clock()) / 1_000_000_000 }
