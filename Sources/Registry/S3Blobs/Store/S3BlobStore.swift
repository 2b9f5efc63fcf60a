// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import Loops
package import RegistryCore
import RegistryStorage

/// A blob store in a bucket of an S3-compatible store, with one key per blob.
///
/// It does not rely on features that differ between stores, such as conditional requests and newer checksum protocols. The store verifies
/// every body by its MD5 and its signed SHA-256. This type verifies the tags that the store returns.
package struct S3BlobStore: BlobStore {
    let client: S3Client
    let configuration: S3Configuration
    /// Whether the store enforces `If-None-Match`, which saves one request per publish.
    let refusesToOverwrite: Bool

    /// Opens a bucket after probing every operation that the registry needs.
    ///
    /// Throws `S3Unusable` when an operation fails. `lacks` receives a sentence for each missing feature that the registry can do without.
    package static func open(
        _ configuration: S3Configuration,
        readers: BlockingPool,
        now: @escaping @Sendable () -> Timestamp,
        lacks: (String) -> Void = { _ in }
    ) async throws -> S3BlobStore {
        let client = S3Client(
            location: configuration.location,
            signer: RequestSigner(credentials: configuration.credentials, region: configuration.location.region),
            clock: StoreClock(systemTime: now),
            connections: try S3Connections(),
            timeouts: configuration.timeouts,
            readers: readers
        )
        let findings = try await S3Probe(client: client).run()
        for sentence in findings.lacks { lacks(sentence) }
        return S3BlobStore(
            client: client,
            configuration: configuration,
            refusesToOverwrite: findings.refusesToOverwrite
        )
    }

    package func remove(_ key: BlobKey) async throws {
        let request = S3Request(method: .delete, key: path(of: key), purpose: "remove content \(key)")
        // Housekeeping retries a failed removal, so that no request waits for it.
        let limit = client.timeouts.silence
        let patience = S3Client.Patience(call: limit, silence: limit, tries: 2)
        _ = try await client.send(request, patience: patience) { $0.storeCode == .missing }
    }

    package func sizeInBytes(of key: BlobKey) async throws -> Int64? {
        guard let found = try await find(key) else { return nil }
        guard let size = found.headers[values: .contentLength].first.flatMap({ Int64($0) }) else {
            throw BlobStoreError(.other, "the store reported no size for content \(key)")
        }
        return size
    }

    package func checkHealth() async throws {
        let timeouts = client.timeouts
        let patience = S3Client.Patience(call: timeouts.health, silence: timeouts.health, tries: 1)
        _ = try await client.send(listing(purpose: "list content", limit: 1), patience: patience)
    }

    package func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String? {
        guard configuration.redirects else { return nil }
        let query = [
            ("response-content-disposition", ContentDisposition.attachment(fileName)),
            ("response-content-type", "application/octet-stream"),
        ]
        let request = S3Request(method: .get, key: path(of: key), query: query, purpose: "read content \(key)")
        return client.url(request, lifetime: lifetime)
    }

    /// Returns the store's response about content, or nil when the content does not exist.
    func find(_ key: BlobKey) async throws -> S3Answer? {
        let request = S3Request(method: .head, key: path(of: key), purpose: "look up content \(key)")
        let answer = try await client.send(request) { $0.status == 404 }
        guard answer.refusal != nil else { return answer }
        // A response to HEAD does not say what is missing: content must not count as lost because the bucket is missing.
        _ = try await client.send(listing(purpose: request.purpose, limit: 1))
        return nil
    }

    /// Returns the key in the bucket.
    func path(of key: BlobKey) -> String { client.location.prefix + key.path }
}
