// SPDX-License-Identifier: Apache-2.0

package import Loops
package import RegistryCore
package import RegistryStorage

/// A blob store in a local directory: one file per blob, in 256 folders.
package struct LocalBlobStore: BlobStore {
    let root: String
    let readers: BlockingPool
    private let writers: BlockingPool

    /// Opens a store in a directory on the file system of the staging area, and creates missing folders.
    ///
    /// Reads use their own threads, separate from syncs and directory changes, so that no download waits for a sync.
    package init(root: String, readers: BlockingPool, writers: BlockingPool) throws {
        self.root = root
        self.readers = readers
        self.writers = writers
        guard try LocalDirectory.create(root) else { return }
        // Created up front, so that a publish syncs one directory and never the parent of a new one.
        for folder in BlobKey.allFolders { try LocalDirectory.makeEntry("\(root)/\(folder)") }
        try LocalDirectory.synchronize(root)
    }

    package func commit(_ staged: StagedContent, as key: BlobKey) async throws {
        let folder = "\(root)/\(key.folder)"
        let path = "\(root)/\(key.path)"
        try await writers.complete {
            // A second name instead of a rename: the name in the staging area stays until the metadata is committed. It shows the next
            // start which content a crash may have left behind. The link precedes the syncs, so that a journaling file system makes it
            // durable together with the content, in one journal commit.
            do {
                try LocalDirectory.link(staged.path, as: path)
            } catch let error as BlobStoreError where error.code == .missing {
                try LocalDirectory.create(folder)
                try LocalDirectory.link(staged.path, as: path)
            }
            try LocalFile.openForReading(staged.path).synchronize()
            try LocalDirectory.synchronize(folder)
        }
    }

    package func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String? { nil }

    package func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob {
        try await readers.complete { try openWaiting(key) }
    }

    package func openAtOnce(_ key: BlobKey) -> (any OpenBlob)? { try? openWaiting(key) }

    private func openWaiting(_ key: BlobKey) throws -> any OpenBlob {
        let file = try LocalFile.openForReading("\(root)/\(key.path)")
        let size = try file.sizeInBytes()
        guard size <= BufferedBlob.largestSize else {
            return LocalBlob(file: file.closes(on: readers), sizeInBytes: size, readers: readers)
        }
        return BufferedBlob(try file.read(at: 0, count: Int(size)))
    }

    package func sizeInBytes(of key: BlobKey) async throws -> Int64? {
        let path = "\(root)/\(key.path)"
        return try await readers.complete { try LocalDirectory.fileSizeInBytes(path) }
    }

    package func remove(_ key: BlobKey) async throws {
        let path = "\(root)/\(key.path)"
        try await writers.complete { try LocalDirectory.unlink(path) }
    }

    package func removeUnfinished(olderThan age: Duration) async throws -> Int {
        // A commit is a single link, so no commit can be unfinished.
        0
    }

    package func checkHealth() async throws {
        let root = root
        try await writers.complete { try LocalDirectory.checkWritable(root) }
    }
}
