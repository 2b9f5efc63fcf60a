// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Brings a backup into a new registry: first the content, each byte checked, then all rows at once.
///
/// A restore that was cut off leaves a registry without packages, and is taken up by the next one.
package struct Restore: Sendable {
    private let metadata: MetadataStore
    private let folder: BackupFolder
    private let copy: CopyContent

    /// The staging area is the registry's.
    package init(metadata: MetadataStore, blobs: any BlobStore, staging: UploadStaging, from folder: BackupFolder) {
        self.metadata = metadata
        self.folder = folder
        copy = CopyContent(from: folder.blobs, to: blobs, staging: staging)
    }

    /// Restores; gives content that the backup does not have to `report`, and how far it is to `progress`.
    ///
    /// Returns how many rows there are, and what was copied.
    package func run(
        report: (CopyProblem) async throws -> Void,
        progress: (CopySummary) async throws -> Void = { _ in }
    ) async throws -> (rows: Int, content: CopySummary) {
        let export = try await folder.pool.complete { [path = folder.export] in
            try ExportFile(try LocalFile.openForReading(path))
        }
        try await metadata.checkImport(of: export.schema)
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
        return (try await metadata.importRows { try export.reader() }, summary)
    }
}
