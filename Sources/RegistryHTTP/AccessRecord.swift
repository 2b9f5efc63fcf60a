// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RegistryCore

/// One request as the log shows it: one line, when the last byte of the answer is written or writing it failed.
struct AccessRecord: Sendable {
    /// Names the request in the log and in the answer.
    let id: String
    private let method: String
    private let path: String
    private let start = ContinuousClock.now
    private let log: Logger

    init(_ request: Request, id: UInt64, log: Logger) {
        self.id = String(id, radix: 36)
        method = request.method.rawValue
        // Without the query, which may hold what is not meant for a log.
        path = String((request.head.path ?? "").prefix { $0 != "?" }.prefix(600))
        self.log = log
    }

    /// Says why a request failed, for the person who runs the server.
    func logCause(_ error: any Error) {
        log.error("request failed", metadata: [LogKey.requestID: "\(id)", LogKey.cause: "\(error)"])
    }

    /// Writes the line now, or after the body when that is streamed.
    func logged(_ response: Response) -> Response {
        guard log.logLevel <= .info else { return response }
        let status = response.status.code
        let size = response.body.contentLength ?? 0
        guard size > 0, response.headers[.contentType] == "application/octet-stream" else {
            write(status, size, outcome: "complete")
            return response
        }
        var response = response
        let body = response.body
        response.body = ResponseBody(contentLength: size) { writer in
            do {
                try await body.write(writer)
                write(status, size, outcome: "complete")
            } catch {
                write(status, size, outcome: "broken off")
                throw error
            }
        }
        return response
    }

    private func write(_ status: Int, _ size: Int, outcome: String) {
        let duration = (ContinuousClock.now - start) / .milliseconds(1)
        log.info(
            "request",
            metadata: [
                LogKey.requestID: "\(id)", LogKey.method: "\(method)", LogKey.path: "\(path)",
                LogKey.status: "\(status)", LogKey.bytes: "\(size)", LogKey.outcome: "\(outcome)",
                LogKey.milliseconds: "\((duration * 10).rounded() / 10)",
            ]
        )
    }
}
