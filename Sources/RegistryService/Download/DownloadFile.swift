// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Finds a published file and opens its content.
package struct DownloadFile: Sendable {
    private let metadata: MetadataStore
    private let blobs: any BlobStore
    private let digests: CompleteDigests

    package init(metadata: MetadataStore, blobs: any BlobStore, digests: CompleteDigests) {
        self.metadata = metadata
        self.blobs = blobs
        self.digests = digests
    }

    /// What a name of a version stands for.
    package enum Found: Sendable {
        case published(StoredFile)
        case checksums(ChecksumFile)
    }

    /// Finds a published file, or the checksum file that its name asks for.
    package func find(_ file: FileCoordinate, owner: Owner) async throws -> Found {
        if let stored = try await metadata.file(file, owner: owner.id) { return .published(stored) }
        guard let version = try await metadata.versionWithFiles(file.versionCoordinate, owner: owner.id) else {
            throw RegistryError.notFound(
                "package \(file.owner)/\(file.package) has no version \(file.version): check the name, or list what "
                    + "there is"
            )
        }
        if let checksums = try await ChecksumFile.make(file.file, for: version.files, digests: digests) {
            return .checksums(checksums)
        }
        throw RegistryError.notFound(
            "version \(file.versionCoordinate) has no file \(file.file): check the name, or list what there is"
        )
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
}
