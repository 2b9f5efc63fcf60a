// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Restores a backup into a new registry: first the content, with every byte verified, then all rows in one
/// transaction.
///
/// An interrupted restore leaves a registry without packages. The next restore resumes it.
package struct Restore: Sendable {
    private let metadata: Metadata
    private let folder: BackupFolder
    private let copy: CopyContent

    /// Creates the restore; the staging area is the registry's.
    package init(metadata: Metadata, blobs: any BlobStore, staging: UploadStaging, from folder: BackupFolder) {
        self.metadata = metadata
        self.folder = folder
        copy = CopyContent(from: folder.blobs, to: blobs, staging: staging)
    }

    /// Restores the backup and returns the number of rows and the copy totals.
    ///
    /// Content that the backup lacks is passed to `report`, and the current totals to `progress`.
    package func run(
        report: (CopyProblem) async throws -> Void,
        progress: (CopySummary) async throws -> Void = { _ in }
    ) async throws -> (rows: Int, content: CopySummary) {
        let export = try await folder.pool.complete { [path = folder.export] in
            try ExportFile(try LocalFile.openForReading(path))
        }
        try await metadata.transfer.checkImport(of: export.schema)
        var summary = CopySummary()
        let pages = try await ExportedPages(export, folder.pool)
        while true {
            let page = try await pages.next()
            if page.isEmpty { break }
            for item in page {
                try Task.checkCancellation()
                let outcome = try await copy(item)
                if !summary.add(outcome, item.sizeInBytes) {
                    summary.problems += 1
                    try await report(CopyProblem(item, outcome))
                }
                try await progress(summary)
            }
        }
        return (try await metadata.transfer.importRows { try export.reader() }, summary)
    }
}
