// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RegistryCore

/// One request as the log shows it: one line, when the last byte of the answer is written or writing it failed.
struct AccessRecord: Sendable {
    /// Names the request in the log and in the answer.
    let id: RequestID
    private let method: String
    private let path: String
    private let start = ContinuousClock.now
    private let log: Logger

    init(method: String, path: String, log: Logger) {
        id = .next()
        self.method = method
        self.path = path
        self.log = log
    }

    /// Says why a request failed, for the person who runs the server.
    func logCause(_ error: any Error) {
        log.error("request failed", metadata: [LogKey.requestID: "\(id)", LogKey.cause: "\(error)"])
    }

    /// Writes the line now, or after the body when that is streamed.
    func logged(_ response: Response) -> Response {
        let status = response.status.code
        let size = Int64(response.body.contentLength ?? 0)
        guard size > 0, response.headers[.acceptRanges] != nil else {
            note(status, size, isComplete: true)
            return response
        }
        var response = response
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            do {
                try await body.write(writer)
                note(status, size, isComplete: true)
            } catch {
                note(status, size, isComplete: false)
                throw error
            }
        }
        return response
    }

    /// Writes the line.
    func note(_ status: Int, _ size: Int64, isComplete: Bool) {
        guard log.logLevel <= .info else { return }
        let duration = (ContinuousClock.now - start) / .milliseconds(1)
        log.info(
            "request",
            metadata: [
                LogKey.requestID: "\(id)", LogKey.method: "\(method)", LogKey.path: "\(shownPath)",
                LogKey.status: "\(status)", LogKey.bytes: "\(size)",
                LogKey.outcome: isComplete ? "complete" : "broken off",
                LogKey.milliseconds: "\((duration * 10).rounded() / 10)",
            ]
        )
    }

    /// The path without the query, which may hold what is not meant for a log, and of bounded length.
    private var shownPath: Substring {
        path.prefix { $0 != "?" }.prefix(600)
    }
}
