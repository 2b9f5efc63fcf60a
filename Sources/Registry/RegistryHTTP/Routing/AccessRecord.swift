// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import Log
import Loops
import RegistryCore

/// The log record of one request, written once the response is complete or has failed.
struct AccessRecord: Sendable {
    /// The identifier of the request in the log and in the response.
    let id = RequestID.next()
    private let client: String?
    private let method: String
    private let path: String
    private let start = EventLoop.clock()
    private let log: Logger

    init(_ request: Request, log: Logger) {
        client = request.clientAddress
        method = request.method.rawValue
        path = String(request.path.prefix(LogFields.pathLimit))
        self.log = log
    }

    /// Logs why a request failed, for the administrator.
    func logCause(_ error: any Error) {
        log.error("request failed", metadata: [LogKey.requestID: "\(id)", LogKey.cause: "\(error)"])
    }

    /// Writes the log line.
    func note(_ status: Int, _ size: Int64, isComplete: Bool) {
        guard log.writes(.info) else { return }
        var fields = LogFields()
        fields.appendRequest(
            client: client,
            method: method,
            path: path.utf8Span.span,
            id: id,
            status: status,
            size: size,
            nanoseconds: EventLoop.clock() - start,
            isComplete: isComplete
        )
        log.log(level: .info, LogFields.requestMessage, fields: &fields)
    }
}

extension LogFields {
    /// The message of a request's log line.
    static let requestMessage = "request"
    /// The maximum number of logged characters of a path; the query may be confidential and is omitted.
    static let pathLimit = 600

    /// Appends the values of a request's log line, with the names of `LogKey`, in alphabetical order.
    mutating func appendRequest(
        client: String?,
        method: String,
        path: Span<UInt8>,
        id: RequestID,
        status: Int,
        size: Int64,
        nanoseconds: Int64,
        isComplete: Bool
    ) {
        append("bytes", Int(size))
        if let client { append("client", client) }
        append("method", method)
        append("ms", tenths: Int((nanoseconds + 50_000) / 100_000))
        if isComplete { append("outcome", "complete") } else { append("outcome", "broken off") }
        append("path", utf8: path)
        append("request_id", utf8: id.digits.span)
        append("status", status)
    }
}
