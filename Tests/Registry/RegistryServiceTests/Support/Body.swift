// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A request's body in pieces; counts how many were taken, and may break off or wait before one of them.
struct Body: AsyncSequence, Sendable {
    struct BrokeOff: Error {}

    final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func increment() { count.withLock { $0 += 1 } }
    }

    /// How many pieces were taken.
    let taken = Counter()
    private let pieces: [[UInt8]]
    private let failure: (any Error)?
    private let gate: Gate?

    /// - Parameters:
    ///   - bytes: The whole body.
    ///   - pieceSize: How many bytes come at once.
    ///   - breaksOff: Whether the end is an error.
    ///   - failure: The error at its end.
    ///   - gate: Where the body waits before its end.
    init(
        _ bytes: [UInt8],
        pieceSize: Int = 64 * 1024,
        breaksOff: Bool = false,
        failure: (any Error)? = nil,
        gate: Gate? = nil
    ) {
        pieces = stride(from: 0, to: bytes.count, by: pieceSize).map {
            Array(bytes[$0..<Swift.min($0 + pieceSize, bytes.count)])
        }
        self.failure = breaksOff ? BrokeOff() : failure
        self.gate = gate
    }

    func makeAsyncIterator() -> Iterator { Iterator(body: self, rest: pieces[...]) }

    struct Iterator: AsyncIteratorProtocol {
        let body: Body
        var rest: ArraySlice<[UInt8]>

        mutating func next() async throws -> [UInt8]? {
            if let piece = rest.popFirst() {
                body.taken.increment()
                return piece
            }
            await body.gate?.pass()
            if let failure = body.failure { throw failure }
            return nil
        }
    }
}
