// SPDX-License-Identifier: Apache-2.0

import CLinux

/// What waits for a descriptor on an event loop; called on the loop's thread.
package protocol EventTarget: AnyObject {
    /// The descriptor can be used in these ways, and will be announced again as long as it can (level-triggered).
    func ready(_ events: EventSet)

    /// Called about ten times a second while the target is registered, to look at deadlines.
    func tick()
}

/// Ways in which a descriptor can be used.
package struct EventSet: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = EventSet(rawValue: EPOLLIN.rawValue)
    package static let writable = EventSet(rawValue: EPOLLOUT.rawValue)
    /// An error or the end of both directions, which is told unasked.
    package static let broken = EventSet(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// Names a registration on its loop.
package struct EventRegistration: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32

    var word: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}
