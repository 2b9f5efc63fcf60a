// SPDX-License-Identifier: Apache-2.0

import Loops
import Synchronization

/// Something took longer than a test waits.
struct TookTooLong: Error {
    let what: String
}

/// Values that come from anywhere, for which tests wait.
final class Record<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let changed = Condition()

    /// All that came, in order.
    var all: [Value] { values.withLock { $0 } }

    func append(_ value: Value) {
        values.withLock { $0.append(value) }
        changed.broadcast()
    }

    /// Waits until what came is enough; no thread is blocked, for tasks have only a few.
    func wait(until isEnough: ([Value]) -> Bool) async throws {
        let start = EventLoop.clock()
        while !isEnough(all) {
            guard EventLoop.clock() - start < 60_000_000_000 else { throw TookTooLong(what: "\(all.suffix(20))") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func wait(count: Int) async throws { try await wait { $0.count >= count } }

    /// Blocks a thread of a pool or of a loop until something came.
    func block() {
        _ = changed.wait(atMost: .seconds(60)) { !all.isEmpty }
    }
}
