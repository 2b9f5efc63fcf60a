// SPDX-License-Identifier: Apache-2.0

import RegistryStorage
import Synchronization

/// When a store last took something of a request's body.
final class Progress: Sendable {
    private let last = Mutex(ContinuousClock.now)

    /// The store took something.
    func note() { last.withLock { $0 = .now } }

    /// Runs work that is cancelled, and then throws `TimedOut`, when nothing is noted for a duration.
    func guarding<Value: Sendable>(
        silence limit: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while true {
                    let end = self.last.withLock { $0 } + limit
                    guard end > .now else { throw TimedOut() }
                    try await Task.sleep(until: end)
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

/// The pieces of a body, noted as they are taken.
struct NotedPieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    let pieces: LocalFilePieces
    let progress: Progress

    func makeAsyncIterator() -> Iterator {
        Iterator(pieces: pieces.makeAsyncIterator(), progress: progress)
    }

    struct Iterator: AsyncIteratorProtocol {
        var pieces: LocalFilePieces.Iterator
        let progress: Progress

        mutating func next() async throws -> [UInt8]? {
            progress.note()
            return try await pieces.next()
        }
    }
}
