// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Removes content that no file refers to any more, while publishes go on.
///
/// The row goes first, in a transaction that the foreign key orders against publishers; then the content, under a key
/// that is never used again. What a crash leaves between the two is noted in the database and removed by the next run.
package struct CollectGarbage: Sendable {
    private let metadata: MetadataStore
    private let blobs: any BlobStore

    package init(metadata: MetadataStore, blobs: any BlobStore) {
        self.metadata = metadata
        self.blobs = blobs
    }

    /// Collects until nothing is left, also what uploads of nodes that died have set aside, and uploads and drafts with which
    /// nobody went on; returns how much content was removed.
    ///
    /// Content that the store does not let go keeps nothing else from being removed. It is tried again by the next run,
    /// and the first error is thrown at the end.
    package func run() async throws -> Int {
        try await metadata.removeExpiredReservations()
        while try await metadata.dropExpiredUploads(limit: 50) > 0 { try Task.checkCancellation() }
        while try await metadata.dropExpiredDrafts(limit: 50) > 0 { try Task.checkCancellation() }
        while try await metadata.collectBlobs(limit: 200) > 0 { try Task.checkCancellation() }
        var attempts = Attempts()
        var last: BlobKey?
        while case let keys = try await metadata.pendingRemovals(after: last, limit: 200), !keys.isEmpty {
            let removed = try await remove(keys, &attempts)
            try await metadata.forgetRemovals(removed)
            if attempts.areHopeless { break }
            last = keys.last
        }
        if let error = attempts.firstError { throw error }
        return attempts.successes
    }

    /// What the store did with the keys so far.
    private struct Attempts {
        /// After so many failures one behind the other the store is away, and asking on would only cost time.
        private static let patience = 3

        private(set) var successes = 0
        private(set) var firstError: BlobStoreError?
        private var failuresInARow = 0

        var areHopeless: Bool { failuresInARow == Self.patience }

        mutating func note(_ error: BlobStoreError?) {
            firstError = firstError ?? error
            failuresInARow = error == nil ? 0 : failuresInARow + 1
            if error == nil { successes += 1 }
        }
    }

    /// Removes content until the store seems to be away; returns the keys whose content is gone.
    private func remove(_ keys: [BlobKey], _ attempts: inout Attempts) async throws -> [BlobKey] {
        var removed: [BlobKey] = []
        for key in keys where !attempts.areHopeless {
            try Task.checkCancellation()
            do {
                try await blobs.remove(key)
                removed.append(key)
                attempts.note(nil)
            } catch let error as BlobStoreError {
                attempts.note(error)
            }
        }
        return removed
    }
}
