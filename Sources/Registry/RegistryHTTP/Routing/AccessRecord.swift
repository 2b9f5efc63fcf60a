// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import Log
import Loops
import RegistryCore
import Synchronization

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

/// The identifier of a request in the log and in its response: sixteen hexadecimal digits.
struct RequestID: Sendable, CustomStringConvertible {
    private static let first = UInt64.random(in: .min ... .max)
    private static let count = Atomic<UInt64>(0)

    /// The digits in ASCII.
    let digits: InlineArray<16, UInt8>

    /// Creates an identifier from existing digits.
    init(digits: InlineArray<16, UInt8>) {
        self.digits = digits
    }

    private init(_ value: UInt64) {
        digits = InlineArray { index in
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
            return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
        }
    }

    /// Returns an identifier that is unique in this process and most likely unique across processes.
    ///
    /// It is a mixed counter (the finalizer of SplitMix64), because random numbers from the kernel cost more than a
    /// response.
    static func next() -> RequestID {
        let (_, count) = count.wrappingAdd(1, ordering: .relaxed)
        var mixed = first &+ count &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return RequestID(mixed ^ (mixed >> 31))
    }

    /// The digits as text.
    var text: String {
        let bytes = digits.span
        // Hexadecimal digits are valid UTF-8.
        return unsafe String(copying: UTF8Span(unchecked: bytes))
    }

    var description: String { text }
}
