// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Synchronization

/// The store's time: the clock of this machine, corrected when the store reports a difference.
final class StoreClock: Sendable {
    private let systemTime: @Sendable () -> Timestamp
    private let offset = Mutex(Duration.zero)

    init(systemTime: @escaping @Sendable () -> Timestamp) {
        self.systemTime = systemTime
    }

    /// The store's time, as far as known.
    var now: Timestamp { systemTime().adding(offset.withLock { $0 }) }

    /// Adopts the time in a response of the store.
    func adopt(_ time: Timestamp) {
        offset.withLock { $0 = systemTime().duration(to: time) }
    }
}
