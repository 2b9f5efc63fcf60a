// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Removes what uploads left behind that a crash cut off; runs at start, before anything is accepted.
package struct RemoveStaleUploads: Sendable {
    private let metadata: MetadataStore
    private let blobs: any BlobStore
    private let staging: UploadStaging

    package init(metadata: MetadataStore, blobs: any BlobStore, staging: UploadStaging) {
        self.metadata = metadata
        self.blobs = blobs
        self.staging = staging
    }

    /// Removes staged files, and the content that was committed for them when no blob came to use it.
    ///
    /// Returns how many staged files there were.
    package func run() async throws -> Int {
        let names = try await staging.pool.complete { [directory = staging.directory] in
            try LocalDirectory.entries(directory)
        }
        for name in names {
            // Only a complete file bears the name of a blob; its content may have reached the store.
            if let key = BlobKey(name), try await !metadata.hasBlob(key) { try await blobs.remove(key) }
            try await staging.pool.complete { [directory = staging.directory] in
                try LocalDirectory.unlink("\(directory)/\(name)")
            }
        }
        return names.count
    }
}
