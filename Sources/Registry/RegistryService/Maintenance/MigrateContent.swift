// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Copies the content of all blobs from an earlier store to the current one, while the registry serves from both.
///
/// New content is already written to the new store, so the remaining work only shrinks. The next run resumes an
/// interrupted one.
package struct MigrateContent: Sendable {
    private let metadata: Metadata
    private let target: any BlobStore
    private let copy: CopyContent

    package init(metadata: Metadata, from source: any BlobStore, to target: any BlobStore, staging: UploadStaging) {
        self.metadata = metadata
        self.target = target
        copy = CopyContent(from: source, to: target, staging: staging)
    }

    /// Copies missing content; passes content that cannot be copied to `report` and the current totals to `progress`.
    package func run(
        report: (CopyProblem) async throws -> Void,
        progress: (CopySummary) async throws -> Void = { _ in }
    ) async throws -> CopySummary {
        var summary = CopySummary()
        var survey = ContentSurvey(metadata.blobIndex, target)
        while let (blob, content) = try await survey.next() {
            guard let blob else { continue }
            try Task.checkCancellation()
            if content?.sizeInBytes == blob.sizeInBytes {
                summary.present += 1
            } else {
                let outcome = try await copy(CopyContent.Item(blob))
                if summary.add(outcome, blob.sizeInBytes) { continue }
                // The blob was deleted or healed meanwhile, so this content is no longer needed.
                guard try await metadata.blobIndex.hasBlob(blob.key) else { continue }
                summary.problems += 1
                let use = try await metadata.blobIndex.use(ofBlob: blob.id, limit: 20)
                try await report(CopyProblem(CopyContent.Item(blob), outcome, paths: use.paths))
            }
            try await progress(summary)
        }
        return summary
    }
}
