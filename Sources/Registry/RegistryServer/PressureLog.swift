// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Log

/// Logs that connections must wait.
struct PressureLog: Sendable {
    let log: Logger

    /// Logs the reason; the server limits the frequency of calls.
    func note(_ pressure: ServerPressure) {
        switch pressure {
        case .connectionLimit(let count):
            log.warning(
                "connection limit reached: \(count) connections are open, further ones wait; raise limits.connections"
            )
        case .descriptors:
            log.warning("out of file descriptors: further connections wait; raise the limit of open files")
        }
    }
}
