// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Calls that wait for another program, such as the reader of a pipe; only the end of the process interrupts them.
package enum PeerWait {
    private static let calls = Atomic<Int>(0)

    /// Whether there is such a call at this moment.
    package static var isUnderWay: Bool { calls.load(ordering: .relaxed) > 0 }

    /// Makes such a call, behind which there must be nothing to clean up.
    package static func during<Value>(_ call: () throws -> Value) rethrows -> Value {
        calls.add(1, ordering: .relaxed)
        defer { calls.subtract(1, ordering: .relaxed) }
        return try call()
    }
}
