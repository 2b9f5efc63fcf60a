// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Copies the content of all blobs from an earlier store into the one that is used now, while both are served from.
///
/// New content goes into the new store already, so what is left to copy only becomes less. A run that was cut off is taken
/// up by the next one.
package struct MigrateContent: Sendable {
    private let metadata: MetadataStore
    private let target: any BlobStore
    private let copy: CopyContent

    package init(metadata: MetadataStore, from source: any BlobStore, to target: any BlobStore, staging: UploadStaging)
    {
        self.metadata = metadata
        self.target = target
        copy = CopyContent(from: source, to: target, staging: staging)
    }

    /// Copies what the new store lacks; gives what cannot be copied to `report`, and how far it is to `progress`.
    package func run(
        report: (CopyProblem) async throws -> Void,
        progress: (CopySummary) async throws -> Void = { _ in }
    ) async throws -> CopySummary {
        var summary = CopySummary()
        var survey = ContentSurvey(metadata, target)
        while let (blob, content) = try await survey.next() {
            guard let blob else { continue }
            try Task.checkCancellation()
            if content?.sizeInBytes == blob.sizeInBytes {
                summary.present += 1
            } else {
                let outcome = try await copy(CopyContent.Item(blob))
                if summary.add(outcome, blob.sizeInBytes) { continue }
                // Deleted or healed meanwhile: this content is not needed any more.
                guard try await metadata.hasBlob(blob.key) else { continue }
                summary.problems += 1
                let use = try await metadata.use(ofBlob: blob.id, limit: 20)
                try await report(CopyProblem(CopyContent.Item(blob), outcome, paths: use.paths))
            }
            try await progress(summary)
        }
        return summary
    }
}
