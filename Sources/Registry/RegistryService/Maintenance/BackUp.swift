// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Backs up the registry while it is in use; content from an earlier backup in the same folder is not copied again.
///
/// The rows form one consistent snapshot. If content is deleted between the snapshot and its copy, the snapshot is
/// outdated. The backup then takes a new one and copies only what is new. The earlier backup in the folder stays
/// complete until the new one replaces it.
package struct BackUp: Sendable {
    private static let attempts = 20

    private let metadata: Metadata
    private let folder: BackupFolder
    private let copy: CopyContent

    package init(metadata: Metadata, blobs: any BlobStore, to folder: BackupFolder) {
        self.metadata = metadata
        self.folder = folder
        copy = CopyContent(from: blobs, to: folder.blobs, staging: folder.staging)
    }

    /// The contents of a backup.
    package struct Summary: Sendable {
        package let rows: Int
        package let content: CopySummary
        /// The number of blobs of the earlier backup that were removed as no longer needed.
        package let removed: Int
    }

    /// Makes the backup; passes content that cannot be copied to `report` and the current totals to `progress`.
    package func run(
        report: (CopyProblem) async throws -> Void,
        progress: (CopySummary) async throws -> Void = { _ in }
    ) async throws -> Summary {
        for _ in 0..<Self.attempts {
            let export = try await ExportFile.write(metadata, to: folder.newExport)
            var problems: [CopyProblem] = []
            var content = CopySummary()
            guard try await copyContent(of: export, &content, &problems, progress) else { continue }
            for problem in problems { try await report(problem) }
            try await folder.pool.complete { [folder] in
                try LocalDirectory.rename(folder.newExport, to: folder.export)
                try LocalDirectory.synchronize(folder.path)
            }
            // The folder may hold the last good copy of uncopied content, under an older key.
            let removed = try await problems.isEmpty ? removeUnneeded(export) : 0
            return Summary(rows: export.rows, content: content, removed: removed)
        }
        throw RegistryError.unavailable(
            "no consistent backup: too many files were deleted meanwhile; rerun granary admin backup"
        )
    }

    /// Copies the content that an export needs; returns false if some of it has been deleted since.
    private func copyContent(
        of export: ExportFile,
        _ summary: inout CopySummary,
        _ problems: inout [CopyProblem],
        _ progress: (CopySummary) async throws -> Void
    ) async throws -> Bool {
        var merge = try await KeyMerge(export, folder.blobs, folder.pool)
        while let (item, content) = try await merge.next() {
            guard let item else { continue }
            try Task.checkCancellation()
            if content?.sizeInBytes == item.sizeInBytes {
                summary.present += 1
            } else {
                let outcome = try await copy(item)
                if !summary.add(outcome, item.sizeInBytes) {
                    guard try await metadata.blobIndex.hasBlob(item.key) else { return false }
                    summary.problems += 1
                    problems.append(CopyProblem(item, outcome))
                }
            }
            try await progress(summary)
        }
        return true
    }

    /// Removes content that only an earlier backup needed.
    private func removeUnneeded(_ export: ExportFile) async throws -> Int {
        var removed = 0
        var merge = try await KeyMerge(export, folder.blobs, folder.pool)
        while let (item, content) = try await merge.next() {
            guard item == nil, let content else { continue }
            try await folder.blobs.remove(content.key)
            removed += 1
        }
        return removed
    }
}
