// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import Synchronization

/// A clock that moves only when a test moves it.
package final class ManualClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

    package init() {}

    /// Returns the time of the clock.
    package func now() -> Timestamp { time.withLock { $0 } }

    /// Advances the clock.
    package func advance(by duration: Duration) {
        time.withLock { $0 = $0.adding(duration) }
    }
}
