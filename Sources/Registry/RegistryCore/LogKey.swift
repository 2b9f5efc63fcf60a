// SPDX-License-Identifier: Apache-2.0

/// The keys of log lines, which `docs/LOGGING.md` explains.
package enum LogKey {
    package static let address = "address"
    package static let bytes = "bytes"
    package static let cause = "cause"
    package static let client = "client"
    package static let count = "count"
    package static let job = "job"
    package static let method = "method"
    package static let milliseconds = "ms"
    package static let outcome = "outcome"
    package static let path = "path"
    package static let requestID = "request_id"
    package static let status = "status"
}
