// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import NIOPosix
package import RegistryStorage

/// A driver of `BlobStore` that the conformance suite runs through; a new one adds a line.
package struct BlobBackend: Sendable, CustomStringConvertible {
    package let description: String
    /// Opens the store that belongs to a directory, the same one each time.
    package let open: @Sendable (_ directory: String) async throws -> any BlobStore

    /// The drivers that can be used here.
    package static let available = [local]

    /// Files in a local directory.
    package static let local = BlobBackend(description: "local directory") { directory in
        try LocalBlobStore(root: directory + "/blobs", readers: .singleton, writers: .singleton)
    }

    /// Runs a test on an empty store and a place to stage content in.
    package func run(_ body: (any BlobStore, StagingPlace) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            try await body(try await open(directory), place)
        }
    }
}
