// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// What a handler answers.
///
/// The server adds `Date`, `Content-Length` or `Transfer-Encoding` where they are missing and belong, and `Connection`.
/// To a HEAD it sends the head alone, and closes `body` unused.
package struct Response: Sendable {
    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    package var body: ResponseBody

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: ResponseBody = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The content of a response.
package enum ResponseBody: Sendable {
    case none
    case bytes([UInt8])
    /// A range of a file: the kernel sends it where the connection is plain.
    case file(any FileContent, Range<Int64>)
    /// What a function writes, of a known length in bytes or, with nil, until it returns.
    ///
    /// It runs within `AnswerWriter.send`. Writing less or more than was announced breaks the connection.
    case stream(length: Int64?, @Sendable (BodyWriter) async throws -> Void)

    /// The size in bytes; nil when it is not known.
    package var contentLength: Int64? {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let range): Int64(range.count)
        case .stream(let length, _): length
        }
    }
}

/// An open file that can be read at any offset; it stays open as long as it is referred to.
package protocol FileContent: AnyObject, Sendable {
    /// The descriptor, which nobody else moves.
    var descriptor: Int32 { get }
}

/// Where the function of a streamed body writes to.
package struct BodyWriter: Sendable {
    private let sink: any BodySink

    package init(_ sink: any BodySink) {
        self.sink = sink
    }

    /// Returns when the connection can take more; throws when the client is gone.
    package func write(_ bytes: [UInt8]) async throws { try await sink.write(bytes) }

    /// Sends what was written so far without waiting for more.
    package func flush() async throws { try await sink.flush() }
}

/// What takes the pieces of a streamed body.
package protocol BodySink: AnyObject, Sendable {
    func write(_ bytes: [UInt8]) async throws
    func flush() async throws
}
