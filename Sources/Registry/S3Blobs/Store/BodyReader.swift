// SPDX-License-Identifier: Apache-2.0

import HTTPClient

/// Takes the pieces of an answer's body, and waits for each so long at most.
///
/// The time between two calls, in which a slow client lets the store wait, does not count.
// Safe to share because `next` is called by one task at a time and waits for the one child that touches the iterator.
final class BodyReader: @unchecked Sendable {
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private let idle: Duration

    init(_ body: HTTPClientResponse.Body, idle: Duration) {
        iterator = body.makeAsyncIterator()
        self.idle = idle
    }

    /// The next piece; nil at the end.
    func next() async throws -> [UInt8]? {
        try await withTimeout(idle) { try await self.iterator.next() }
    }
}
