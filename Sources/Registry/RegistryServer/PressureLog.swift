// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Log

/// Says that connections have to wait.
struct PressureLog: Sendable {
    let log: Logger

    /// How often this is called is the server's business.
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
