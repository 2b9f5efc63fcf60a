// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The received part of a response body that is not read yet.
final class IncomingBody: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        /// Whether `append` rejected bytes, which libcurl redelivers once the transfer resumes.
        var isFull = false
        var end: Result<Void, any Error>?
        var reader: CheckedContinuation<[UInt8]?, any Error>?
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether the body has ended.
    var isComplete: Bool { state.withLock { $0.end != nil } }

    /// Appends bytes; returns false when the buffer is full and the transfer must pause.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return true }
        let (isTaken, reader) = state.withLock { state in
            if let reader = state.reader {
                state.reader = nil
                return (true, Optional(reader))
            }
            guard state.bytes.count < limit else {
                state.isFull = true
                return (false, nil)
            }
            state.bytes.append(contentsOf: bytes)
            return (true, nil)
        }
        reader?.resume(returning: Array(bytes))
        return isTaken
    }

    /// Ends the body; the reader receives buffered bytes first, unless the transfer was cancelled.
    func finish(_ result: Result<Void, any Error>) {
        let reader: CheckedContinuation<[UInt8]?, any Error>? = state.withLock { state in
            guard state.end == nil else { return nil }
            state.end = result
            if case .failure(is CancellationError) = result { state.bytes = [] }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(with: result.map { nil })
    }

    /// Returns the next piece, or nil at the end; calls `ask` when rejected bytes fit again.
    func next(ask: () -> Void) async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            let (piece, asks): (Result<[UInt8]?, any Error>?, Bool) = state.withLock { state in
                guard state.bytes.isEmpty else {
                    defer {
                        state.bytes = []
                        state.isFull = false
                    }
                    return (.success(state.bytes), state.isFull)
                }
                if let end = state.end { return (end.map { nil }, false) }
                precondition(state.reader == nil, "a body is read by one task at a time")
                state.reader = continuation
                return (nil, false)
            }
            if asks { ask() }
            if let piece { continuation.resume(with: piece) }
        }
    }
}
