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
            log.warning("connections wait: \(count) are open, as many as limits.connections and the system allow")
        case .descriptors:
            log.warning("connections wait: no descriptor is free; raise the limit of open files")
        }
    }
}
