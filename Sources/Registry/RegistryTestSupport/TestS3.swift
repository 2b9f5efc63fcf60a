// SPDX-License-Identifier: Apache-2.0

import Foundation
import Loops
package import RegistryCore
import RegistryStorage
package import S3Blobs

/// The S3 store for tests, given in the environment by `scripts/s3.sh`.
package struct TestS3: Sendable {
    package let endpoint: String
    package let region: String
    package let bucket: String
    package let credentials: S3Credentials

    /// The store, or nil when none is configured.
    package static let current = TestS3(ProcessInfo.processInfo.environment)

    private init?(_ environment: [String: String]) {
        guard let endpoint = environment["GRANARY_TEST_S3_ENDPOINT"],
            let bucket = environment["GRANARY_TEST_S3_BUCKET"],
            let accessKey = environment["GRANARY_TEST_S3_ACCESS_KEY"],
            let secretKey = environment["GRANARY_TEST_S3_SECRET_KEY"]
        else { return nil }
        self.endpoint = endpoint
        self.bucket = bucket
        region = environment["GRANARY_TEST_S3_REGION"] ?? "us-east-1"
        credentials = S3Credentials(accessKey: accessKey, secretKey: secretKey)
    }

    /// Returns a configuration for the store with a key prefix, optionally through another endpoint.
    package func configuration(prefix: String, through endpoint: String? = nil) throws -> S3Configuration {
        let location = S3Location(
            endpoint: endpoint ?? self.endpoint,
            region: region,
            bucket: bucket,
            prefix: prefix
        )
        guard let location else { throw BlobStoreError(.other, "\(endpoint ?? self.endpoint) is not an endpoint") }
        return S3Configuration(location: location, credentials: credentials)
    }

    /// Opens the store.
    package func open(
        _ configuration: S3Configuration,
        now: @escaping @Sendable () -> Timestamp = Self.systemTime
    ) async throws -> S3BlobStore {
        try await S3BlobStore.open(configuration, readers: .maintenance, now: now)
    }

    /// Removes all content with a prefix.
    package func clean(prefix: String) async throws {
        let store = try await open(try configuration(prefix: prefix))
        _ = try await store.removeUnfinished(olderThan: .zero)
        while case let page = try await store.list(after: nil, limit: 1000), !page.isEmpty {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for content in page { group.addTask { try await store.remove(content.key) } }
                try await group.waitForAll()
            }
        }
    }

    /// Returns the time of this machine.
    @Sendable
    package static func systemTime() -> Timestamp {
        Timestamp(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
    }
}
