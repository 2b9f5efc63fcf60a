// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Opens the content of published files, and makes the checksum files that go with them.
package struct DownloadFile: Sendable {
    /// Long enough to follow a redirect, too short to pass a link on.
    private static let urlLifetime = Duration.seconds(60)

    private let metadata: MetadataStore
    private let blobs: any BlobStore
    private let digests: CompleteDigests

    package init(metadata: MetadataStore, blobs: any BlobStore, digests: CompleteDigests) {
        self.metadata = metadata
        self.blobs = blobs
        self.digests = digests
    }

    /// The checksum file that a name asks for which no published file has.
    package func checksums(for file: FileCoordinate, owner: Owner) async throws -> ChecksumFile {
        let version = file.versionCoordinate
        guard let found = try await metadata.versionWithFiles(version, owner: owner.id, limit: filesPerPage) else {
            throw RegistryError.notFound(
                "package \(file.owner)/\(file.package) has no version \(file.version): check the name, or list the versions"
            )
        }
        let files = FilePages(found.files, of: found.version, metadata)
        switch ChecksumFile.Subject(file.file) {
        case nil: break
        case .allFiles(let algorithm): return ChecksumFile(files: files, algorithm: algorithm, digests: digests)
        case .oneFile(let name):
            let coordinate = FileCoordinate(
                owner: version.owner,
                package: version.package,
                version: version.version,
                file: name
            )
            guard let subject = try await metadata.file(coordinate, owner: owner.id) else { break }
            let alone = FilePages([subject], of: found.version, metadata)
            return ChecksumFile(files: alone, algorithm: .sha256, digests: digests)
        }
        throw RegistryError.notFound(
            "version \(file.versionCoordinate) has no file \(file.file): check the name, or list the files"
        )
    }

    /// Opens the content of a file before anything of an answer is sent, so that no answer promises what is not there.
    ///
    /// `range` is what will be read first; nil for the whole.
    package func open(_ file: StoredFile, reading range: Range<Int64>? = nil) async throws -> any OpenBlob {
        let content = try await blobs.open(file.blob.key, reading: range)
        guard content.sizeInBytes == file.blob.sizeInBytes else {
            throw BlobStoreError(
                .missing,
                "content \(file.blob.key) has \(content.sizeInBytes) bytes instead of \(file.blob.sizeInBytes)"
            )
        }
        return content
    }

    /// The same on the calling thread, which may wait for a disk; nil when `open` is to be asked.
    package func openAtOnce(_ file: StoredFile) -> (any OpenBlob)? {
        guard let content = blobs.openAtOnce(file.blob.key), content.sizeInBytes == file.blob.sizeInBytes else {
            return nil
        }
        return content
    }

    /// A URL by which the content of a file can be fetched from the store itself for a moment; nil when it is to be sent
    /// by the registry.
    package func temporaryURL(of file: StoredFile) -> String? {
        blobs.temporaryURL(for: file.blob.key, as: file.name.text, lifetime: Self.urlLifetime)
    }
}
