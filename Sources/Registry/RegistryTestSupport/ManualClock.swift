// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

    package init() {}

    /// The time that it shows.
    package func now() -> Timestamp { time.withLock { $0 } }

    /// Moves it on.
    package func advance(by duration: Duration) {
        time.withLock { $0 = $0.adding(duration) }
    }
}
