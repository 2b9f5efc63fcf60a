// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A count of calls that wait for another program, such as a pipe's reader; only the end of the process interrupts them.
package enum PeerWait {
    private static let calls = Atomic<Int>(0)

    /// Whether such a call is in progress.
    package static var isUnderWay: Bool { calls.load(ordering: .relaxed) > 0 }

    /// Makes such a call, which must not require cleanup afterwards.
    package static func during<Value>(_ call: () throws -> Value) rethrows -> Value {
        calls.add(1, ordering: .relaxed)
        defer { calls.subtract(1, ordering: .relaxed) }
        return try call()
    }
}
