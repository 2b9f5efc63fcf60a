// SPDX-License-Identifier: Apache-2.0

/// A request body as a stream of bounded pieces.
///
/// Reading applies backpressure: beyond a small bounded buffer, the server reads nothing from the connection until a piece is requested.
/// The first read sends `100 Continue` to a client that waits for it (RFC 9110, section 10.1.1). Iterating throws `BodyFailure`.
package struct RequestBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let source: (any RequestBodySource)?

    package init(_ source: any RequestBodySource) {
        self.source = source
    }

    private init() {
        source = nil
    }

    /// An empty body.
    package static let empty = RequestBody()

    /// Interrupts the body: the pending or the next read throws `BodyFailure.interrupted`.
    package func interrupt() { source?.interrupt() }

    package func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: (any RequestBodySource)?

        package mutating func next() async throws -> [UInt8]? { try await source?.next() }
    }
}

/// A source of body pieces.
package protocol RequestBodySource: AnyObject, Sendable {
    /// Returns the next piece, which is never empty; nil at the end of a complete body.
    func next() async throws -> [UInt8]?
    /// Makes `next` throw `BodyFailure.interrupted`.
    func interrupt()
}

/// The reason why a body is incomplete.
package enum BodyFailure: Error, Hashable, Sendable {
    /// The client sends more slowly than the minimum rate.
    case tooSlow
    /// The connection or stream ended, or the framing was invalid, after `received` bytes.
    case brokenOff(received: Int64)
    /// `RequestBody.interrupt` was called.
    case interrupted
}
