// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
import RegistryStorage
import Synchronization

/// Counts completed downloads in memory and adds them to the database in batches.
///
/// A crash loses at most the counts of the last second. A download is counted once the response containing the file's
/// last byte has been fully sent. A segmented or resumed download therefore counts once. For large files,
/// `OpenDownloads` handles several responses that contain that byte.
package final class DownloadCounter: Sendable {
    /// Smaller files are not downloaded in segments.
    package static let leastSegmentedSize: Int64 = 1 << 20

    private let packages: PackageStore
    let counts = Mutex<[Int64: Int64]>([:])
    private let open = Mutex(OpenDownloads(now: .now))

    package init(metadata: Metadata) {
        packages = metadata.packages
    }

    /// Counts one download of a file that is too small for segmented downloads.
    package func count(_ fileID: Int64) {
        counts.withLock { $0[fileID, default: 0] += 1 }
    }

    /// Records that a response is about to be sent.
    package func begin(_ answer: CountedAnswer) {
        guard answer.hasFirstByte, let key = Self.key(answer) else { return }
        open.withLock { $0.begin(key, at: .now) }
    }

    /// Records that a response has been fully sent.
    package func complete(_ answer: CountedAnswer) {
        guard answer.hasLastByte else { return }
        if let key = Self.key(answer), !open.withLock({ $0.complete(key, at: .now) }) { return }
        count(answer.fileID)
    }

    private static func key(_ answer: CountedAnswer) -> OpenDownloads.Key? {
        guard answer.sizeInBytes >= leastSegmentedSize, let client = answer.client else { return nil }
        return OpenDownloads.Key(file: answer.fileID, client: client)
    }

    /// Writes the counts since the last call and returns the number of files.
    ///
    /// If the write fails, the counts are kept. If its outcome is unknown, they are dropped, so that no download is
    /// counted twice.
    package func flush() async throws -> Int {
        let batch = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        guard !batch.isEmpty else { return 0 }
        do {
            try await packages.addDownloads(batch)
        } catch let error as SQLError where error.code == .outcomeUnknown {
            throw error
        } catch {
            counts.withLock { $0.merge(batch, uniquingKeysWith: +) }
            throw error
        }
        return batch.count
    }
}

/// A response with content of a file, reduced to what the download count needs.
package struct CountedAnswer: Sendable {
    let fileID: Int64
    let sizeInBytes: Int64
    let client: String?
    let hasFirstByte: Bool
    let hasLastByte: Bool

    /// Creates the record of a response; `client` is the client's address, if it has one.
    package init(fileID: Int64, sizeInBytes: Int64, client: String?, hasFirstByte: Bool, hasLastByte: Bool) {
        self.fileID = fileID
        self.sizeInBytes = sizeInBytes
        self.client = client
        self.hasFirstByte = hasFirstByte
        self.hasLastByte = hasLastByte
    }
}
