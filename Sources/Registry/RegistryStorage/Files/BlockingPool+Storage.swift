// SPDX-License-Identifier: Apache-2.0

package import Loops

extension BlockingPool {
    /// The threads for one-time tools that have no pools of their own: exports, backups, checks.
    package static let maintenance = BlockingPool(name: "maintenance", threads: 4)

    /// Runs work of a store to its end, even when the task that waits for it is cancelled.
    ///
    /// A sync or the removal of a staged file must not stop because the client disconnects. After the pool has shut down, the method throws
    /// `BlobStoreError`.
    package func complete<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await complete(elseThrow: BlobStoreError(.unavailable, "the server is shutting down"), work)
    }
}
