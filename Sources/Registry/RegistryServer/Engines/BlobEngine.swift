// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import Loops
import RegistryCore
import RegistryStorage
package import S3Blobs

/// Where content lies.
package struct BlobEngine: Sendable {
    /// One place for content.
    package enum Place: Sendable {
        /// The data directory.
        case local
        case s3(S3Configuration)

        /// As the settings name it.
        var name: String {
            switch self {
            case .local: "local"
            case .s3: "s3"
            }
        }
    }

    /// Takes new content.
    package var place = Place.local
    /// Still has what was not copied from there yet; nil when there is none.
    package var earlier: Place?

    package init(place: Place = .local, earlier: Place? = nil) {
        self.place = place
        self.earlier = earlier
    }

    /// Opens the store; throws a sentence when it cannot be used.
    ///
    /// `lacks` gets a sentence for what a store cannot do and the registry can do without.
    func open(
        in directory: DataDirectory,
        readers: BlockingPool,
        writers: BlockingPool,
        now: @escaping @Sendable () -> Timestamp,
        lacks: (String) -> Void
    ) async throws -> any BlobStore {
        func store(_ place: Place) async throws -> any BlobStore {
            switch place {
            case .local: try LocalBlobStore(root: directory.blobs, readers: readers, writers: writers)
            case .s3(let configuration):
                try await S3BlobStore.open(configuration, readers: readers, now: now, lacks: lacks)
            }
        }
        let current = try await store(place)
        guard let earlier else { return current }
        return FallbackBlobStore(current: current, earlier: try await store(earlier))
    }
}
