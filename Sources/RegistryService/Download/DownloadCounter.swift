// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
import RegistryStorage
import Synchronization

/// Counts completed downloads in memory and adds them to the database in batches: a crash loses the last second's at most.
///
/// A download is complete when the answer that holds the file's last byte was sent to its end, so one that was fetched in
/// segments or resumed counts once.
package final class DownloadCounter: Sendable {
    private let metadata: MetadataStore
    private let counts = Mutex<[Int64: Int64]>([:])

    package init(metadata: MetadataStore) {
        self.metadata = metadata
    }

    /// Counts one download of a file.
    package func count(_ fileID: Int64) {
        counts.withLock { $0[fileID, default: 0] += 1 }
    }

    /// Writes what was counted since the last time, and keeps it when that failed; what may have been written is not
    /// written twice.
    ///
    /// Returns how many files it concerned.
    package func flush() async throws -> Int {
        let batch = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        guard !batch.isEmpty else { return 0 }
        do {
            try await metadata.addDownloads(batch)
        } catch let error as SQLError where error.code == .outcomeUnknown {
            throw error
        } catch {
            counts.withLock { $0.merge(batch, uniquingKeysWith: +) }
            throw error
        }
        return batch.count
    }
}
