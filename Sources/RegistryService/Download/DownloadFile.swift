// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Finds a published file and opens its content.
package struct DownloadFile: Sendable {
    private let metadata: MetadataStore
    private let blobs: any BlobStore

    package init(metadata: MetadataStore, blobs: any BlobStore) {
        self.metadata = metadata
        self.blobs = blobs
    }

    /// The record of a file.
    package func record(of file: FileCoordinate, owner: Owner) async throws -> StoredFile {
        guard let stored = try await metadata.file(file, owner: owner.id) else {
            throw RegistryError.notFound(try await explainMissing(file, owner: owner))
        }
        return stored
    }

    /// Opens the content of a file before anything of an answer is sent, so that no answer promises what is not there.
    package func open(_ file: StoredFile) async throws -> any OpenBlob {
        let content = try await blobs.open(file.blob.key)
        guard content.sizeInBytes == file.blob.sizeInBytes else {
            throw BlobStoreError(
                .missing,
                "content \(file.blob.key) has \(content.sizeInBytes) bytes instead of \(file.blob.sizeInBytes)"
            )
        }
        return content
    }

    private func explainMissing(_ file: FileCoordinate, owner: Owner) async throws -> String {
        guard try await metadata.hasVersion(file.versionCoordinate, owner: owner.id) else {
            return "package \(file.owner)/\(file.package) has no version \(file.version): check the name, or list what there is"
        }
        return "version \(file.versionCoordinate) has no file \(file.file): check the name, or list what there is"
    }
}
