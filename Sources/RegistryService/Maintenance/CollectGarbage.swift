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

    /// Collects until nothing is left, also what uploads of nodes that died have set aside; returns how many blobs' content
    /// was removed.
    package func run() async throws -> Int {
        try await metadata.removeExpiredReservations()
        while try await metadata.collectBlobs(limit: 200) > 0 { try Task.checkCancellation() }
        var removed = 0
        while true {
            let keys = try await metadata.pendingRemovals(limit: 200)
            if keys.isEmpty { return removed }
            for key in keys { try await blobs.remove(key) }
            try await metadata.forgetRemovals(keys)
            removed += keys.count
            try Task.checkCancellation()
        }
    }
}
