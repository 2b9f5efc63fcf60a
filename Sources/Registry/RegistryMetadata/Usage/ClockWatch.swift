// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Synchronization

/// Notices when the database's clock jumps, so that no upload and no draft is dropped by a clock that is wrong for a while.
///
/// After a jump nothing expires for an hour, in which a wrong clock can be set right.
package final class ClockWatch: Sendable {
    private struct State {
        /// What both clocks showed last.
        var last: (wall: Timestamp, steady: Duration)?
        var holdsUntil: Duration?
        var jump: Duration?
    }

    /// More than clocks differ by on a machine that works, however busy it is.
    private static let tolerance = Duration.seconds(300)
    private static let hold = Duration.seconds(3600)

    private let steadyTime: @Sendable () -> Duration
    private let state = Mutex(State())

    /// Compares with a clock that nobody sets.
    package convenience init() {
        let start = ContinuousClock.now
        self.init { start.duration(to: .now) }
    }

    package init(steadyTime: @escaping @Sendable () -> Duration) {
        self.steadyTime = steadyTime
    }

    /// The time up to which everything has expired: now, or a time before everything while the clock is not believed.
    func expiryTime(_ now: Timestamp) -> Timestamp {
        let steady = steadyTime()
        return state.withLock { state in
            if let last = state.last {
                let jump = last.wall.duration(to: now) - (steady - last.steady)
                if abs(jump) > Self.tolerance {
                    state.holdsUntil = steady + Self.hold
                    state.jump = jump
                }
            }
            state.last = (now, steady)
            guard let end = state.holdsUntil, steady < end else { return now }
            return Timestamp(microseconds: .min)
        }
    }

    /// By how much the clock has jumped since this was asked last; nil if it has not.
    package func takeJump() -> Duration? {
        state.withLock { state in
            defer { state.jump = nil }
            return state.jump
        }
    }
}

private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
