// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import NIOPosix
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

    /// An S3 store; nil when none is given.
    package static let s3 = TestS3.current.map(s3)

    /// Files in a local directory.
    package static let local = BlobBackend(description: "local directory") { directory in
        try LocalBlobStore(root: directory + "/blobs", readers: .singleton, writers: .singleton)
    } clean: { _ in
    }

    /// A directory that takes the place of another one, from which content has not been moved yet.
    package static let fallback = BlobBackend(description: "local directory before an earlier one") { directory in
        FallbackBlobStore(
            current: try LocalBlobStore(root: directory + "/blobs", readers: .singleton, writers: .singleton),
            earlier: try LocalBlobStore(root: directory + "/earlier", readers: .singleton, writers: .singleton)
        )
    } clean: { _ in
    }

    /// Keys in a bucket, below a prefix that is named for the directory.
    private static func s3(_ store: TestS3) -> BlobBackend {
        @Sendable func prefix(_ directory: String) -> String {
            directory.split(separator: "/").last.map(String.init) ?? ""
        }
        return BlobBackend(description: "S3") { directory in
            try await store.open(try store.configuration(prefix: prefix(directory)))
        } clean: { directory in
            try await store.clean(prefix: prefix(directory))
        }
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
