// SPDX-License-Identifier: Apache-2.0

package import Loops

extension BlockingPool {
    /// For tools that run once and have no pools of their own: exports, backups, checks.
    package static let maintenance = BlockingPool(name: "maintenance", threads: 4)

    /// Runs work of a store to its end, whatever becomes of the task that waits for it.
    ///
    /// A sync or the removal of a staged file must not be given up because the client has gone. After the pool has been shut
    /// down, `BlobStoreError` is thrown.
    package func complete<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await complete(elseThrow: BlobStoreError(.unavailable, "the server is shutting down"), work)
    }
}
