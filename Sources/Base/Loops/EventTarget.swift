// SPDX-License-Identifier: Apache-2.0

import CLinux

/// A handler for a descriptor's events; called on the loop's thread.
package protocol EventTarget: AnyObject {
    /// Handles the descriptor's readiness, which is reported again as long as it persists (level-triggered).
    func ready(_ events: EventSet)

    /// Checks deadlines; called about ten times per second while the target is registered.
    func tick()
}

/// A set of readiness events of a descriptor.
package struct EventSet: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = EventSet(rawValue: EPOLLIN.rawValue)
    package static let writable = EventSet(rawValue: EPOLLOUT.rawValue)
    /// An error or a hangup, which is reported without a request.
    package static let broken = EventSet(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// The identity of a registration on its loop.
package struct EventRegistration: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32

    var word: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}
