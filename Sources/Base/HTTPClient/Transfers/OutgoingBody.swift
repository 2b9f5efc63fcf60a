// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A one-piece buffer between a streamed request body and libcurl.
final class OutgoingBody: Sendable {
    /// The state of the supply.
    enum Supply {
        case piece([UInt8])
        /// No piece is available yet; the producer wakes the transfer with the next one.
        case nothingYet
        case end
    }

    private struct State {
        var piece: [UInt8]?
        var isFinished = false
        var isClosed = false
        /// Whether the transfer is paused until a piece arrives.
        var isAwaited = false
        var giver: CheckedContinuation<Bool, Never>?
    }

    private let state = Mutex(State())

    /// Whether the transfer needs no more pieces, because all are sent or the server has stopped reading.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Buffers a piece once there is room; returns false when no more are needed.
    ///
    /// Calls `wake` when the transfer is paused for it.
    func give(_ piece: [UInt8], wake: () -> Void) async -> Bool {
        guard await hasRoom() else { return false }
        let isAwaited = state.withLock { state in
            state.piece = piece
            defer { state.isAwaited = false }
            return state.isAwaited
        }
        if isAwaited { wake() }
        return true
    }

    /// Marks the end of the pieces.
    func finish(wake: () -> Void) {
        let isAwaited = state.withLock { state in
            state.isFinished = true
            defer { state.isAwaited = false }
            return state.isAwaited
        }
        if isAwaited { wake() }
    }

    /// Returns the next piece to send.
    func take() -> Supply {
        let (supply, giver): (Supply, CheckedContinuation<Bool, Never>?) = state.withLock { state in
            guard let piece = state.piece else {
                guard !state.isFinished else { return (.end, nil) }
                state.isAwaited = true
                return (.nothingYet, nil)
            }
            defer {
                state.piece = nil
                state.giver = nil
            }
            return (.piece(piece), state.giver)
        }
        giver?.resume(returning: true)
        return supply
    }

    /// Stops the producer, because no more pieces are needed.
    func close() {
        let giver = state.withLock { state in
            state.isClosed = true
            defer {
                state.piece = nil
                state.giver = nil
            }
            return state.giver
        }
        giver?.resume(returning: false)
    }

    /// Waits until the previous piece is taken; returns false when no more are needed or the task is cancelled.
    private func hasRoom() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.isClosed || Task.isCancelled { return false }
                    if state.piece == nil { return true }
                    state.giver = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let giver = state.withLock { state in
                defer { state.giver = nil }
                return state.giver
            }
            giver?.resume(returning: false)
        }
    }
}
