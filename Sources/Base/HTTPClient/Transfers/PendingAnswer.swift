// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A response head that is still pending, or the failure that replaces it; the first result wins.
final class PendingAnswer: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<ResponseHead, any Error>)
        case told(Result<ResponseHead, any Error>)
    }

    private let state = Mutex(State.open)

    /// Waits for the response head; only one task may wait.
    func head() async throws -> ResponseHead {
        try await withCheckedThrowingContinuation { continuation in
            let told: Result<ResponseHead, any Error>? = state.withLock { state in
                if case .told(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let told { continuation.resume(with: told) }
        }
    }

    func tell(_ result: Result<ResponseHead, any Error>) {
        let continuation: CheckedContinuation<ResponseHead, any Error>? = state.withLock { state in
            switch state {
            case .told: return nil
            case .open:
                state = .told(result)
                return nil
            case .awaited(let continuation):
                state = .told(result)
                return continuation
            }
        }
        continuation?.resume(with: result)
    }
}
