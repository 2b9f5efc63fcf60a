// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import Loops
package import RegistryStorage

/// A driver of `BlobStore` that the conformance suite runs through; a new one adds a line.
package struct BlobBackend: Sendable, CustomStringConvertible {
    package let description: String
    /// Opens the store that belongs to a directory, the same one each time.
    package let open: @Sendable (_ directory: String) async throws -> any BlobStore
    /// Removes what lies elsewhere than in the directory.
    package let clean: @Sendable (_ directory: String) async throws -> Void

    /// The drivers that can be used here.
    package static let available = [local, fallback] + (s3.map { [$0] } ?? [])

    /// Files in a local directory.
    package static let local = BlobBackend(description: "local directory") { directory in
        try LocalBlobStore(root: directory + "/blobs", readers: .maintenance, writers: .maintenance)
    } clean: { _ in
    }

    /// A directory that takes the place of another one, from which content has not been moved yet.
    package static let fallback = BlobBackend(description: "local directory before an earlier one") { directory in
        FallbackBlobStore(
            current: try LocalBlobStore(root: directory + "/blobs", readers: .maintenance, writers: .maintenance),
            earlier: try LocalBlobStore(root: directory + "/earlier", readers: .maintenance, writers: .maintenance)
        )
    } clean: { _ in
    }

    /// Runs a test in a directory whose stores are removed afterwards.
    package func withDirectory(_ body: (String) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            do {
                try await body(directory)
            } catch {
                try? await clean(directory)
                throw error
            }
            try await clean(directory)
        }
    }

    /// Runs a test on an empty store and a place to stage content in.
    package func run(_ body: (any BlobStore, StagingPlace) async throws -> Void) async throws {
        try await withDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            try await body(try await open(directory), place)
        }
    }
}
