// SPDX-License-Identifier: Apache-2.0

package import NIOPosix

extension NIOThreadPool {
    /// Runs blocking work to its end, whatever becomes of the task that waits for it.
    ///
    /// `runIfActive` gives up work of a cancelled task; a sync or the removal of a staged file must not be given up
    /// because the client has gone.
    /// After the pool has been shut down, `closed` is thrown.
    package func complete<Value: Sendable>(
        elseThrow closed: any Error = BlobStoreError(.unavailable, "the server is shutting down"),
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { state in
                switch state {
                case .active: continuation.resume(with: Result(catching: work))
                case .cancelled: continuation.resume(throwing: closed)
                }
            }
        }
    }
}
