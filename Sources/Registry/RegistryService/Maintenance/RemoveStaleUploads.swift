// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
import RegistryStorage

/// Removes the leftovers of uploads that a crash interrupted; runs at startup, before the server accepts requests.
package struct RemoveStaleUploads: Sendable {
    private let metadata: MetadataStore
    private let staging: UploadStaging

    package init(metadata: MetadataStore, staging: UploadStaging) {
        self.metadata = metadata
        self.staging = staging
    }

    /// Removes staged files and returns their number.
    ///
    /// Content that was committed for them is left to garbage collection unless a blob uses it.
    package func run() async throws -> Int {
        let names = try await staging.pool.complete { [directory = staging.directory] in
            try LocalDirectory.entries(directory)
        }
        try await metadata.removeForeignReservations()
        try await metadata.recountRoom()
        // Only a complete file has a blob's name, and only its content may have reached the store.
        _ = try await metadata.condemn(names.compactMap { BlobKey($0) })
        try await staging.pool.complete { [directory = staging.directory] in
            for name in names { try LocalDirectory.unlink("\(directory)/\(name)") }
        }
        return names.count
    }
}
