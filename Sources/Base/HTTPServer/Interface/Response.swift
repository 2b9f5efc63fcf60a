// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A handler's response.
///
/// The server adds `Date`, `Content-Length` or `Transfer-Encoding` where required, and `Connection`. For a HEAD request, it sends only the
/// head and releases `body` unused.
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
    /// A file range, which the kernel sends directly on plain connections.
    case file(any FileContent, Range<Int64>)
    /// The output of a function, with its length in bytes; nil means until the function returns.
    ///
    /// The function runs within `AnswerWriter.send`. Writing less or more than announced aborts the response.
    case stream(length: Int64?, @Sendable (BodyWriter) async throws -> Void)

    /// The size in bytes; nil when unknown.
    package var contentLength: Int64? {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let range): Int64(range.count)
        case .stream(let length, _): length
        }
    }
}

/// An open file that can be read at any offset; it stays open while it is referenced.
package protocol FileContent: AnyObject, Sendable {
    /// The file descriptor, whose offset no other code moves.
    var descriptor: Int32 { get }
}

/// A writer for the function of a streamed body.
package struct BodyWriter: Sendable {
    private let sink: any BodySink

    package init(_ sink: any BodySink) {
        self.sink = sink
    }

    /// Writes bytes and returns once the connection can accept more; throws when the client has disconnected.
    package func write(_ bytes: [UInt8]) async throws { try await sink.write(bytes) }

    /// Sends the bytes written so far without waiting for more.
    package func flush() async throws { try await sink.flush() }
}

/// A receiver of the pieces of a streamed body.
package protocol BodySink: AnyObject, Sendable {
    func write(_ bytes: [UInt8]) async throws
    func flush() async throws
}
