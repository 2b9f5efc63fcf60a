// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryStorage
import Synchronization

/// Hashes and writes the pieces of one upload in order, on one pool thread, while further pieces arrive.
///
/// A single task supplies the pieces. It is suspended while too many bytes wait to be written.
final class StagingWriter: Sendable {
    /// The number of bytes that may wait while others are hashed and written; more would not be faster.
    private static let waitingLimit = 256 * 1024

    /// The processing steps of every byte.
    struct Stages: Sendable {
        var hasher: ContentHasher
        var file: StagedFile

        /// Hashes and writes on one thread: the bytes are still in its cache, and two threads were not faster.
        mutating func take(_ piece: [UInt8]) throws {
            hasher.update(piece)
            try file.append(piece)
        }
    }

    private typealias Continuation = CheckedContinuation<Void, Never>

    private struct State {
        /// The stages; nil while a thread uses them.
        var idle: Stages?
        var waiting: [[UInt8]] = []
        var waitingBytes = 0
        var failure: (any Error)?
        /// The suspended supplier, and whether it waits for the end of all work rather than for room.
        var giver: (continuation: Continuation, waitsForEnd: Bool)?
    }

    private let pool: BlockingPool
    private let state: Mutex<State>

    init(_ stages: Stages, pool: BlockingPool) {
        self.pool = pool
        state = Mutex(State(idle: stages))
    }

    /// Queues pieces for writing; throws the error of earlier ones.
    func write(_ pieces: [[UInt8]], sizeInBytes: Int) async throws {
        let stages = try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.waiting += pieces
            state.waitingBytes += sizeInBytes
            defer { state.idle = nil }
            return state.idle
        }
        if let stages { start(stages) }
        await waitForRoom(orEnd: false)
    }

    /// Waits until everything is written and returns the stages; throws the error of any write.
    func finish() async throws -> Stages {
        await waitForRoom(orEnd: true)
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard let stages = state.idle else {
                preconditionFailure("one task gives pieces, and it has come to the end")
            }
            return stages
        }
    }

    /// Drops the queued pieces, and returns once no thread is writing.
    func stop() async {
        state.withLock { state in
            state.waiting = []
            if state.failure == nil { state.failure = CancellationError() }
        }
        await waitForRoom(orEnd: true)
    }

    private func waitForRoom(orEnd waitsForEnd: Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let isThere = waitsForEnd ? state.idle != nil : state.waitingBytes <= Self.waitingLimit
                if !isThere { state.giver = (continuation, waitsForEnd) }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }

    private func start(_ stages: Stages) {
        let isTaken = pool.submit { self.work(stages) }
        guard !isTaken else { return }
        end(stages, BlobStoreError(.unavailable, "the server is shutting down"))
    }

    /// Processes pieces until the queue is empty.
    private func work(_ stages: Stages) {
        var stages = stages
        do {
            while let pieces = next(stages) {
                for piece in pieces { try stages.take(piece) }
            }
        } catch {
            end(stages, error)
        }
    }

    /// Returns the queued pieces; nil if there are none, which ends the work.
    private func next(_ stages: Stages) -> [[UInt8]]? {
        let (pieces, giver) = state.withLock { state -> ([[UInt8]], Continuation?) in
            let pieces = state.waiting
            state.waiting = []
            state.waitingBytes = 0
            if pieces.isEmpty { state.idle = stages }
            guard let giver = state.giver, pieces.isEmpty || !giver.waitsForEnd else { return (pieces, nil) }
            state.giver = nil
            return (pieces, giver.continuation)
        }
        giver?.resume()
        return pieces.isEmpty ? nil : pieces
    }

    private func end(_ stages: Stages, _ failure: any Error) {
        let giver = state.withLock { state in
            state.idle = stages
            state.waiting = []
            state.waitingBytes = 0
            if state.failure == nil { state.failure = failure }
            defer { state.giver = nil }
            return state.giver?.continuation
        }
        giver?.resume()
    }
}
