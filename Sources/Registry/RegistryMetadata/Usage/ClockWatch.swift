// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Synchronization

/// Notices when the database's clock jumps, so that no upload and no draft is dropped by a clock that is wrong for a while.
///
/// After a jump nothing expires for an hour, in which a wrong clock can be set right. What had expired before the process
/// first saw the clock, which may have been wrong then, has this hour as well.
package final class ClockWatch: Sendable {
    /// What has expired: from after one moment through another.
    struct Expired {
        let after: Timestamp
        let through: Timestamp
    }

    private struct State {
        var first: (wall: Timestamp, steady: Duration)?
        /// What both clocks showed last.
        var last: (wall: Timestamp, steady: Duration)?
        var holdsUntil: Duration?
        var jump: Duration?
    }

    /// More than clocks differ by on a machine that works, however busy it is.
    private static let tolerance = Duration.seconds(300)
    private static let hold = Duration.seconds(3600)
    private static let beginning = Timestamp(microseconds: .min)

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

    /// What has expired when the database's clock shows a time.
    func expired(at now: Timestamp) -> Expired {
        let steady = steadyTime()
        return state.withLock { state in
            if let last = state.last {
                let jump = last.wall.duration(to: now) - (steady - last.steady)
                if jump > Self.tolerance || jump < .zero - Self.tolerance {
                    state.holdsUntil = steady + Self.hold
                    state.jump = jump
                }
            }
            state.last = (now, steady)
            let first = state.first ?? (now, steady)
            state.first = first
            let isNew = steady - first.steady < Self.hold
            let isHeld = state.holdsUntil.map { steady < $0 } ?? false
            return Expired(after: isNew ? first.wall : Self.beginning, through: isHeld ? Self.beginning : now)
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
