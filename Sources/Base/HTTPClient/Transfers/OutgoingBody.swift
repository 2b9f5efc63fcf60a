// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The piece of a streamed request that waits for the one before it to be sent.
final class OutgoingBody: Sendable {
    /// What there is to send.
    enum Supply {
        case piece([UInt8])
        /// Nothing now; whoever gives the next piece says so.
        case nothingYet
        case end
    }

    private struct State {
        var piece: [UInt8]?
        var isFinished = false
        var isClosed = false
        /// Whether a piece was looked for in vain.
        var isAwaited = false
        var giver: CheckedContinuation<Bool, Never>?
    }

    private let state = Mutex(State())

    /// Whether no piece is wanted any more, because all were sent or the server wants none.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Takes a piece as soon as there is room; false when no more are wanted.
    ///
    /// `wake` is called when it was waited for.
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

    /// Says that there are no more pieces.
    func finish(wake: () -> Void) {
        let isAwaited = state.withLock { state in
            state.isFinished = true
            defer { state.isAwaited = false }
            return state.isAwaited
        }
        if isAwaited { wake() }
    }

    /// The next piece to send.
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

    /// Says that no more pieces are wanted.
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

    /// Waits until the piece before is taken; false when no more are wanted, or when the task is cancelled.
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
