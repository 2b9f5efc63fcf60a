// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Synchronization

/// The time as the store sees it: this machine's, set right when the store says that it is wrong.
final class StoreClock: Sendable {
    private let systemTime: @Sendable () -> Timestamp
    private let offset = Mutex(Duration.zero)

    init(systemTime: @escaping @Sendable () -> Timestamp) {
        self.systemTime = systemTime
    }

    /// The store's time, as far as it is known.
    var now: Timestamp { systemTime().adding(offset.withLock { $0 }) }

    /// Takes over the time that an answer of the store bears.
    func adopt(_ time: Timestamp) {
        offset.withLock { $0 = systemTime().duration(to: time) }
    }
}
