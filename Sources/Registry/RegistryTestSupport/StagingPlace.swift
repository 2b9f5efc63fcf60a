// SPDX-License-Identifier: Apache-2.0

import Digests
package import RegistryCore
package import RegistryStorage

/// A directory in which tests stage content.
package struct StagingPlace: Sendable {
    private let directory: String

    /// Creates the directory for the staged files.
    package init(_ directory: String) throws {
        self.directory = directory
        try LocalDirectory.create(directory)
    }

    /// Writes bytes into a new file.
    package func stage(_ bytes: [UInt8]) throws -> StagedContent {
        let upload = UploadID.random()
        let path = "\(directory)/\(upload)"
        let file = try LocalFile.create(path)
        try file.append(bytes)
        return StagedContent(
            upload: upload,
            path: path,
            sizeInBytes: Int64(bytes.count),
            sha256: try .sha256(of: bytes)
        )
    }

    /// Stages bytes and commits them under a new key.
    package func commit(_ bytes: [UInt8], to store: any BlobStore) async throws -> BlobKey {
        let staged = try stage(bytes)
        let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
        try await store.commit(staged, as: key)
        return key
    }
}

extension Digest {
    /// Returns the SHA-256 of bytes.
    package static func sha256(of bytes: [UInt8]) throws -> Self {
        try Self(.sha256, bytes: SHA256.hash(data: bytes))
    }
}

extension OpenBlob {
    /// Returns all bytes of a range, or of the whole content when the range is nil.
    package func bytes(_ range: Range<Int64>? = nil) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in read(range ?? 0..<sizeInBytes) { bytes += chunk }
        return bytes
    }
}
