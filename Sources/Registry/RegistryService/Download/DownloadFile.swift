// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Opens the content of published files and generates their checksum files.
package struct DownloadFile: Sendable {
    /// Long enough to follow a redirect, too short to share the link.
    private static let urlLifetime = Duration.seconds(60)

    private let packages: PackageStore
    private let blobs: any BlobStore
    private let digests: CompleteDigests

    package init(metadata: Metadata, blobs: any BlobStore, digests: CompleteDigests) {
        packages = metadata.packages
        self.blobs = blobs
        self.digests = digests
    }

    /// Returns the checksum file that a file name requests if no published file has that name.
    package func checksums(for file: FileCoordinate, owner: Owner) async throws -> ChecksumFile {
        let version = file.versionCoordinate
        guard let found = try await packages.versionWithFiles(version, owner: owner.id, limit: filesPerPage) else {
            throw RegistryError.notFound(
                "package \(file.owner)/\(file.package) has no version \(file.version): check the name, or list the versions"
            )
        }
        let files = FilePages(found.files, of: found.version, packages)
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
            guard let subject = try await packages.file(coordinate, owner: owner.id) else { break }
            let alone = FilePages([subject], of: found.version, packages)
            return ChecksumFile(files: alone, algorithm: .sha256, digests: digests)
        }
        throw RegistryError.notFound(
            "version \(file.versionCoordinate) has no file \(file.file): check the name, or list the files"
        )
    }

    /// Opens the content of a file before the response starts, so that no response announces missing content.
    ///
    /// `range` is the part that is read first; nil means all.
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

    /// Does the same on the calling thread, which may block on a disk; returns nil if the caller must use `open`.
    package func openAtOnce(_ file: StoredFile) -> (any OpenBlob)? {
        guard let content = blobs.openAtOnce(file.blob.key), content.sizeInBytes == file.blob.sizeInBytes else {
            return nil
        }
        return content
    }

    /// Returns a short-lived URL from which clients download the content directly; nil if the registry must send it.
    package func temporaryURL(of file: StoredFile) -> String? {
        blobs.temporaryURL(for: file.blob.key, as: file.name.text, lifetime: Self.urlLifetime)
    }
}
