// SPDX-License-Identifier: Apache-2.0

package import Loops
package import RegistryStorage

/// A folder with a backup: an export and the content of its blobs.
///
/// ```
/// export.jsonl        all rows
/// blobs/ab/ab12….9f…  content, as in a data directory
/// ```
package struct BackupFolder: Sendable {
    let path: String
    let blobs: any BlobStore
    /// The staging area, in the same file system as the blobs.
    let staging: UploadStaging
    let pool: BlockingPool

    package init(path: String, blobs: any BlobStore, staging: UploadStaging, pool: BlockingPool) {
        self.path = path
        self.blobs = blobs
        self.staging = staging
        self.pool = pool
    }

    /// The path of the rows of the newest complete backup.
    var export: String { path + "/export.jsonl" }
    /// The path of the rows of the backup in progress.
    var newExport: String { path + "/export.jsonl.new" }
}

/// The content of an export's blobs, in pages.
actor ExportedPages {
    private var contents: ExportedContents
    private let pool: BlockingPool

    init(_ export: ExportFile, _ pool: BlockingPool) async throws {
        contents = try await pool.complete { try export.contents() }
        self.pool = pool
    }

    /// Returns the next page, ordered by key; an empty page marks the end.
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
    /// Creates a comparison of an export's content with a store's.
    init(_ export: ExportFile, _ blobs: any BlobStore, _ pool: BlockingPool) async throws {
        let pages = try await ExportedPages(export, pool)
        self.init(left: { _ in try await pages.next() }, right: { try await blobs.list(after: $0, limit: 500) })
    }
}
