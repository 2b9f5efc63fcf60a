// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import Loops
package import RegistryServer
package import RegistryStorage

/// A driver of `BlobStore` that the conformance suite tests; add a line for a new driver.
package struct BlobBackend: Sendable, CustomStringConvertible {
    package let description: String
    /// Opens the store of a directory; the same directory always gives the same store.
    package let open: @Sendable (_ directory: String) async throws -> any BlobStore
    /// Returns the setting of a server for such a store.
    package let engine: @Sendable (_ directory: String) throws -> BlobEngine
    /// Removes content that is stored outside the directory.
    package let clean: @Sendable (_ directory: String) async throws -> Void

    /// The drivers that are available in this environment.
    package static let available = [local, fallback] + (s3.map { [$0] } ?? [])

    /// Files in a local directory.
    package static let local = BlobBackend(description: "local directory") { directory in
        try LocalBlobStore(root: directory + "/blobs", readers: .maintenance, writers: .maintenance)
    } engine: { _ in
        BlobEngine()
    } clean: { _ in
    }

    /// A directory that replaces an earlier one whose content has not been moved yet.
    package static let fallback = BlobBackend(description: "local directory before an earlier one") { directory in
        FallbackBlobStore(
            current: try LocalBlobStore(root: directory + "/blobs", readers: .maintenance, writers: .maintenance),
            earlier: try LocalBlobStore(root: directory + "/earlier", readers: .maintenance, writers: .maintenance)
        )
    } engine: { _ in
        BlobEngine()
    } clean: { _ in
    }

    /// Runs a test in a directory, and removes its stores afterwards.
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

    /// Runs a test on an empty store with a directory for staging content.
    package func run(_ body: (any BlobStore, StagingPlace) async throws -> Void) async throws {
        try await withDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            try await body(try await open(directory), place)
        }
    }
}
