// SPDX-License-Identifier: Apache-2.0

import Loops
import Synchronization

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
    func wait(until isEnough: ([Value]) -> Bool) throws {
        guard changed.wait(atMost: .seconds(60), until: { isEnough(all) }) else {
            throw TookTooLong(what: "\(all.suffix(20))")
        }
    }

    func wait(count: Int) throws { try wait { $0.count >= count } }
}
