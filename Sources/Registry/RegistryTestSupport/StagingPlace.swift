// SPDX-License-Identifier: Apache-2.0

import Digests
package import RegistryCore
package import RegistryStorage

/// Makes staged content out of bytes.
package struct StagingPlace: Sendable {
    private let directory: String

    /// Creates the directory that the files lie in.
    package init(_ directory: String) throws {
        self.directory = directory
        try LocalDirectory.create(directory)
    }

    /// Writes bytes into a file of their own.
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

    /// Stages bytes and commits them under a key of their own.
    package func commit(_ bytes: [UInt8], to store: any BlobStore) async throws -> BlobKey {
        let staged = try stage(bytes)
        let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
        try await store.commit(staged, as: key)
        return key
    }
}

extension Digest {
    /// The SHA-256 of some bytes.
    package static func sha256(of bytes: [UInt8]) throws -> Self {
        try Self(.sha256, bytes: SHA256.hash(data: bytes))
    }
}

extension OpenBlob {
    /// All bytes of a range; of the whole content when none is given.
    package func bytes(_ range: Range<Int64>? = nil) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in read(range ?? 0..<sizeInBytes) { bytes += chunk }
        return bytes
    }
}
