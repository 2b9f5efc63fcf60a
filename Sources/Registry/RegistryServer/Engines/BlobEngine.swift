// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import Loops
import RegistryCore
import RegistryStorage
package import S3Blobs

/// The configured content stores.
package struct BlobEngine: Sendable {
    /// A content store.
    package enum Place: Sendable {
        /// The store in the data directory.
        case local
        case s3(S3Configuration)

        /// The value of the setting that selects the store.
        var name: String {
            switch self {
            case .local: "local"
            case .s3: "s3"
            }
        }
    }

    /// The store for new content.
    package var place = Place.local
    /// The previous store, with content that has not been copied yet; nil if there is none.
    package var earlier: Place?

    package init(place: Place = .local, earlier: Place? = nil) {
        self.place = place
        self.earlier = earlier
    }

    /// Opens the store; the error of an unusable store is one sentence.
    ///
    /// `lacks` receives a sentence for each missing feature that the registry does not depend on.
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
