// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Log
import Synchronization

/// Says that connections have to wait, at most once a minute.
final class PressureLog: Sendable {
    private static let pause = Duration.seconds(60)

    private let log: Logger
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(log: Logger) {
        self.log = log
    }

    func note(_ pressure: ServerPressure) {
        let now = ContinuousClock.now
        let isDue = last.withLock { last in
            if let time = last, now - time < Self.pause { return false }
            last = now
            return true
        }
        guard isDue else { return }
        switch pressure {
        case .connectionLimit(let count):
            log.warning("connections wait: \(count) are open, as many as limits.connections and the system allow")
        case .descriptors:
            log.warning("connections wait: no descriptor is free; raise the limit of open files")
        }
    }
}
