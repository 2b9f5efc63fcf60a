// SPDX-License-Identifier: Apache-2.0

package import Loops
package import RegistryStorage

/// A backup: an export beside the content that its blobs need.
///
/// ```
/// export.jsonl        all rows
/// blobs/ab/ab12….9f…  content, as in a data directory
/// ```
package struct BackupFolder: Sendable {
    let path: String
    let blobs: any BlobStore
    /// In the same file system as the blobs.
    let staging: UploadStaging
    let pool: BlockingPool

    package init(path: String, blobs: any BlobStore, staging: UploadStaging, pool: BlockingPool) {
        self.path = path
        self.blobs = blobs
        self.staging = staging
        self.pool = pool
    }

    /// The rows of the newest complete backup.
    var export: String { path + "/export.jsonl" }
    /// Those of the one that is being made.
    var newExport: String { path + "/export.jsonl.new" }
}

/// The content that an export's blobs need, some at a time.
actor ExportedPages {
    private var contents: ExportedContents
    private let pool: BlockingPool

    init(_ export: ExportFile, _ pool: BlockingPool) async throws {
        contents = try await pool.complete { try export.contents() }
        self.pool = pool
    }

    /// The next in the order of their keys; none at the end.
    func next() async throws -> [CopyContent.Item] {
        let (page, rest) = try await pool.complete { [contents] in
            var rest = contents
            var page: [CopyContent.Item] = []
            while page.count < 500, let item = try rest.next() { page.append(item) }
            return (page, rest)
        }
        contents = rest
        return page
    }
}

extension KeyMerge where Left == CopyContent.Item, Right == StoredContent {
    /// Compares what an export needs with what a store holds.
    init(_ export: ExportFile, _ blobs: any BlobStore, _ pool: BlockingPool) async throws {
        let pages = try await ExportedPages(export, pool)
        self.init(left: { _ in try await pages.next() }, right: { try await blobs.list(after: $0, limit: 500) })
    }
}
