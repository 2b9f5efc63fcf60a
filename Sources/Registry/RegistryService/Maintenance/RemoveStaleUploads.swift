// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryMetadata
import RegistryStorage

/// Removes the leftovers of uploads that a crash interrupted; runs at startup, before the server accepts requests.
package struct RemoveStaleUploads: Sendable {
    private let room: RoomStore
    private let removals: RemovalStore
    private let staging: UploadStaging

    package init(metadata: Metadata, staging: UploadStaging) {
        room = metadata.room
        removals = metadata.removals
        self.staging = staging
    }

    /// Removes staged files and returns their number.
    ///
    /// Content that was committed for them is left to garbage collection unless a blob uses it.
    package func run() async throws -> Int {
        let names = try await staging.pool.complete { [directory = staging.directory] in
            try LocalDirectory.entries(directory)
        }
        try await room.removeForeignReservations()
        try await room.recount()
        // Only a complete file has a blob's name, and only its content may have reached the store.
        _ = try await removals.condemn(names.compactMap { BlobKey($0) })
        try await staging.pool.complete { [directory = staging.directory] in
            for name in names { try LocalDirectory.unlink("\(directory)/\(name)") }
        }
        return names.count
    }
}
