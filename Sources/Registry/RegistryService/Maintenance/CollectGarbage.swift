// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Removes content that no file references any more, while publishes continue.
///
/// First the row is deleted, in a transaction that the foreign key orders against publishers. Then the content is
/// removed; its key is never used again. If a crash happens in between, the next run removes the content, which is
/// recorded in the database.
package struct CollectGarbage: Sendable {
    private let room: RoomStore
    private let removals: RemovalStore
    private let blobs: any BlobStore

    package init(metadata: Metadata, blobs: any BlobStore) {
        room = metadata.room
        removals = metadata.removals
        self.blobs = blobs
    }

    /// Collects until nothing is left, and returns the number of removed blobs.
    ///
    /// This includes expired uploads and drafts and the reservations of crashed nodes. A failed removal does not stop
    /// the others. The next run retries it, and the first error is thrown at the end.
    package func run() async throws -> Int {
        try await room.removeExpiredReservations()
        while try await room.dropExpiredUploads(limit: 50) > 0 { try Task.checkCancellation() }
        while try await room.dropExpiredDrafts(limit: 50) > 0 { try Task.checkCancellation() }
        while try await removals.collectBlobs(limit: 200) > 0 { try Task.checkCancellation() }
        var attempts = Attempts()
        var last: BlobKey?
        while case let keys = try await removals.pendingRemovals(after: last, limit: 200), !keys.isEmpty {
            let removed = try await remove(keys, &attempts)
            try await removals.forgetRemovals(removed)
            if attempts.areHopeless { break }
            last = keys.last
        }
        if let error = attempts.firstError { throw error }
        return attempts.successes
    }

    /// The results of the removals so far.
    private struct Attempts {
        /// After this many consecutive failures the store counts as unavailable, and further requests would only cost
        /// time.
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

    /// Removes content until the store seems to be unavailable; returns the keys of the removed content.
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
