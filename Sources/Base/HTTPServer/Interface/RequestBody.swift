// SPDX-License-Identifier: Apache-2.0

/// The body of a request in pieces of bounded size, as they arrive.
///
/// Nothing is read from the connection before it is asked for, beyond a small bounded buffer; the first request for a piece
/// sends `100 Continue` to a client that waits for it (RFC 9110, section 10.1.1). Iterating throws `BodyFailure`.
package struct RequestBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let source: (any RequestBodySource)?

    package init(_ source: any RequestBodySource) {
        self.source = source
    }

    private init() {
        source = nil
    }

    /// A body without content.
    package static let empty = RequestBody()

    /// Ends the body where it is: the piece that is waited for, or the next one, throws `BodyFailure.interrupted`.
    package func interrupt() { source?.interrupt() }

    package func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: (any RequestBodySource)?

        package mutating func next() async throws -> [UInt8]? { try await source?.next() }
    }
}

/// What gives a body its pieces.
package protocol RequestBodySource: AnyObject, Sendable {
    /// The next piece, never empty; nil at the end of a complete body.
    func next() async throws -> [UInt8]?
    /// Makes `next` throw `BodyFailure.interrupted`.
    func interrupt()
}

/// Why a body did not come to its end.
package enum BodyFailure: Error, Hashable, Sendable {
    /// The client sends more slowly than the least rate.
    case tooSlow
    /// The connection or the stream ended, or what came was not a body, after so many bytes.
    case brokenOff(received: Int64)
    /// `RequestBody.interrupt` was called.
    case interrupted
}
