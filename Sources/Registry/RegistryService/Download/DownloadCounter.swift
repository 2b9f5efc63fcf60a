// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
import RegistryStorage
import Synchronization

/// Counts completed downloads in memory and adds them to the database in batches: a crash loses the last second's at most.
///
/// A download is complete when the answer that holds the file's last byte was sent to its end, so one that was fetched in
/// segments or resumed counts once; of large files also when several answers hold that byte (`OpenDownloads`).
package final class DownloadCounter: Sendable {
    /// Files that are smaller are not fetched in segments.
    package static let leastSegmentedSize: Int64 = 1 << 20

    private let metadata: MetadataStore
    let counts = Mutex<[Int64: Int64]>([:])
    private let open = Mutex(OpenDownloads(now: .now))

    package init(metadata: MetadataStore) {
        self.metadata = metadata
    }

    /// Counts one download of a file that is too small to be fetched in segments.
    package func count(_ fileID: Int64) {
        counts.withLock { $0[fileID, default: 0] += 1 }
    }

    /// An answer is about to be sent.
    package func begin(_ answer: CountedAnswer) {
        guard answer.hasFirstByte, let key = Self.key(answer) else { return }
        open.withLock { $0.begin(key, at: .now) }
    }

    /// An answer was sent to its end.
    package func complete(_ answer: CountedAnswer) {
        guard answer.hasLastByte else { return }
        if let key = Self.key(answer), !open.withLock({ $0.complete(key, at: .now) }) { return }
        count(answer.fileID)
    }

    private static func key(_ answer: CountedAnswer) -> OpenDownloads.Key? {
        guard answer.sizeInBytes >= leastSegmentedSize, let client = answer.client else { return nil }
        return OpenDownloads.Key(file: answer.fileID, client: client)
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
