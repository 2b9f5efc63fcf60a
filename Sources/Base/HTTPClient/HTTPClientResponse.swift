// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// An answer whose head has come.
package struct HTTPClientResponse: Sendable {
    package let status: HTTPResponse.Status
    /// The fields in their order.
    package let headers: HTTPFields
    package let body: Body

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension HTTPClientResponse {
    /// The content of an answer in pieces of bounded size, as they come; it can be read once, by one task at a time.
    ///
    /// The server is made to wait while nobody reads. A body that is dropped before its end breaks its connection off. Reading
    /// throws `HTTPClientError` when the content does not come to its end, and `CancellationError`.
    package struct Body: AsyncSequence, Sendable {
        package typealias Element = [UInt8]

        private let source: (any HTTPClientBodySource)?

        package init(_ source: any HTTPClientBodySource) {
            self.source = source
        }

        private init() {
            source = nil
        }

        /// A body without content.
        package static let empty = Body()

        package func makeAsyncIterator() -> Iterator { Iterator(source: source) }

        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let source: (any HTTPClientBodySource)?

            package mutating func next() async throws -> [UInt8]? { try await source?.next() }
        }

        /// Reads all of it; fails when it has more bytes than a limit, or goes on for longer than a time.
        package func collect(upTo limit: Int, within time: Duration? = nil) async throws -> [UInt8] {
            let deadline = time.map { ContinuousClock.now + $0 }
            var bytes: [UInt8] = []
            for try await piece in self {
                if let deadline, .now >= deadline { throw HTTPClientError(.timeout(.total)) }
                guard bytes.count + piece.count <= limit else {
                    throw HTTPClientError(.other, "the answer has more than \(limit) bytes")
                }
                if bytes.isEmpty { bytes = piece } else { bytes += piece }
            }
            return bytes
        }
    }
}

/// What gives the body of an answer its pieces.
package protocol HTTPClientBodySource: AnyObject, Sendable {
    /// The next piece, never empty; nil at the end of a complete body.
    func next() async throws -> [UInt8]?
}
