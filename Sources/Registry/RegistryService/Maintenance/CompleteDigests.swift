// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Computes the digests that a publisher need not wait for: MD5, SHA-1 and SHA-512.
///
/// The first request for them or the background job computes them, whichever comes first. The result is stored.
package struct CompleteDigests: Sendable {
    private let blobIndex: BlobIndex
    private let blobs: any BlobStore

    package init(metadata: Metadata, blobs: any BlobStore) {
        blobIndex = metadata.blobIndex
        self.blobs = blobs
    }

    /// Returns all digests of a blob.
    package func digests(of blob: StoredBlob) async throws -> FileDigests {
        if let known = blob.digests { return known }
        var hasher = ContentHasher(also: [.md5, .sha1, .sha512])
        let content = try await blobs.open(blob.key)
        for try await chunk in content.read(0..<content.sizeInBytes) {
            try Task.checkCancellation()
            hasher.update(chunk)
        }
        let found = try hasher.finish()
        guard found.sha256 == blob.sha256, let md5 = found.md5, let sha1 = found.sha1, let sha512 = found.sha512 else {
            throw BlobStoreError(.missing, "content \(blob.key) is damaged: it has \(found.sha256)")
        }
        let digests = FileDigests(md5: md5, sha1: sha1, sha256: found.sha256, sha512: sha512)
        try await blobIndex.setDigests(digests, ofBlob: blob.id)
        return digests
    }

    /// Completes the pending blobs and returns their number.
    ///
    /// A blob that cannot be read is skipped until the next run.
    package func run() async throws -> Int {
        var completed = 0
        var last: Int64 = 0
        while true {
            let blobs = try await blobIndex.blobsWithoutDigests(after: last, limit: 100)
            guard let end = blobs.last else { return completed }
            for blob in blobs {
                try Task.checkCancellation()
                do {
                    _ = try await digests(of: blob)
                    completed += 1
                } catch is BlobStoreError {
                    continue
                }
            }
            last = end.id
        }
    }
}
