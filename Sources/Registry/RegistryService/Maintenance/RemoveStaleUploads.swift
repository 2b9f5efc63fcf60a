// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
import RegistryStorage

/// Removes what uploads left behind that a crash cut off; runs at start, before anything is accepted.
package struct RemoveStaleUploads: Sendable {
    private let metadata: MetadataStore
    private let staging: UploadStaging

    package init(metadata: MetadataStore, staging: UploadStaging) {
        self.metadata = metadata
        self.staging = staging
    }

    /// Removes staged files, and leaves to the garbage collection the content that was committed for them when no blob came
    /// to use it.
    ///
    /// Returns how many staged files there were.
    package func run() async throws -> Int {
        let names = try await staging.pool.complete { [directory = staging.directory] in
            try LocalDirectory.entries(directory)
        }
        try await metadata.removeForeignReservations()
        try await metadata.recountRoom()
        // Only a complete file bears the name of a blob; its content may have reached the store.
        _ = try await metadata.condemn(names.compactMap { BlobKey($0) })
        try await staging.pool.complete { [directory = staging.directory] in
            for name in names { try LocalDirectory.unlink("\(directory)/\(name)") }
        }
        return names.count
    }
}
