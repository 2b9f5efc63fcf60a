// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A response whose head has arrived.
package struct HTTPClientResponse: Sendable {
    package let status: HTTPResponse.Status
    /// The header fields in order.
    package let headers: HTTPFields
    package let body: Body

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension HTTPClientResponse {
    /// The response body as a stream of bounded pieces; it can be read once, by one task at a time.
    ///
    /// An unread body applies backpressure to the server. Releasing a body before its end closes the connection. Reading throws
    /// `HTTPClientError` when the body is incomplete, and `CancellationError`.
    package struct Body: AsyncSequence, Sendable {
        package typealias Element = [UInt8]

        private let source: (any HTTPClientBodySource)?

        package init(_ source: any HTTPClientBodySource) {
            self.source = source
        }

        private init() {
            source = nil
        }

        /// An empty body.
        package static let empty = Body()

        package func makeAsyncIterator() -> Iterator { Iterator(source: source) }

        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let source: (any HTTPClientBodySource)?

            package mutating func next() async throws -> [UInt8]? { try await source?.next() }
        }

        /// Reads the whole body; throws when it exceeds the size limit or the time limit.
        package func collect(upTo limit: Int, within time: Duration? = nil) async throws -> [UInt8] {
            let deadline = time.map { ContinuousClock.now + $0 }
            var bytes: [UInt8] = []
            for try await piece in self {
                if let deadline, .now >= deadline { throw HTTPClientError(.timeout(.total)) }
                guard bytes.count + piece.count <= limit else {
                    throw HTTPClientError(.other, "the response is larger than \(limit) bytes")
                }
                if bytes.isEmpty { bytes = piece } else { bytes += piece }
            }
            return bytes
        }
    }
}

/// A source of body pieces.
package protocol HTTPClientBodySource: AnyObject, Sendable {
    /// Returns the next piece, which is never empty; nil at the end of a complete body.
    func next() async throws -> [UInt8]?
}
