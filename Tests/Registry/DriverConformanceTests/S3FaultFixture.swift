// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryStorage
import RegistryTestSupport
import S3Blobs
import Synchronization

/// A real S3 store, seen through a proxy that does harm to requests for content, and as it is.
struct S3FaultFixture: Sendable {
    /// Short waits and small parts.
    let faulty: S3BlobStore
    let direct: S3BlobStore
    let place: StagingPlace
    let requests: @Sendable () -> [String]

    /// Runs a test; `fault` decides by the method of a request for content and by how many of that method came before.
    static func run(
        _ fault: @escaping @Sendable (_ method: String, _ number: Int) -> Fault?,
        _ body: @escaping @Sendable (S3FaultFixture) async throws -> Void
    ) async throws {
        guard let s3 = TestS3.current else { return }
        let counts = Mutex<[String: Int]>([:])
        let proxy = FaultProxy(to: s3.endpoint) { request in
            guard request.isForContent else { return nil }
            let number = counts.withLock { counts in
                defer { counts[request.method, default: 0] += 1 }
                return counts[request.method] ?? 0
            }
            return fault(request.method, number)
        }
        let prefix = "faults-\(UUID())"
        try await withTemporaryDirectory { directory in
            try await proxy.run { endpoint in
                var configuration = try s3.configuration(prefix: prefix, through: endpoint)
                configuration.timeouts = shortTimeouts
                configuration.largestSinglePut = 5 << 20
                configuration.partSize = 5 << 20
                let fixture = S3FaultFixture(
                    faulty: try await s3.open(configuration),
                    direct: try await s3.open(try s3.configuration(prefix: prefix)),
                    place: try StagingPlace(directory + "/staging"),
                    requests: { proxy.requests.filter(\.isForContent).map(\.method) }
                )
                try await body(fixture)
            }
        }
        try await s3.clean(prefix: prefix)
    }

    static var shortTimeouts: S3Timeouts {
        var timeouts = S3Timeouts()
        timeouts.silence = .seconds(2)
        timeouts.idle = .seconds(2)
        timeouts.call = .seconds(15)
        timeouts.assembly = .seconds(15)
        timeouts.health = .seconds(2)
        return timeouts
    }

    /// Stages random bytes with the key that they are to have.
    func stage(_ count: Int) throws -> (staged: StagedContent, key: BlobKey, bytes: [UInt8]) {
        var generator = SeededGenerator(seed: UInt64(count))
        let bytes = generator.bytes(count)
        let staged = try place.stage(bytes)
        return (staged, BlobKey(sha256: staged.sha256, upload: staged.upload), bytes)
    }

    /// Commits random bytes through the proxy.
    func commit(_ count: Int) async throws -> (key: BlobKey, bytes: [UInt8]) {
        let (staged, key, bytes) = try stage(count)
        try await faulty.commit(staged, as: key)
        return (key, bytes)
    }

    /// Waits until a condition holds, for at most half a minute.
    func wait(until condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            guard .now < deadline else { throw BlobStoreError(.other, "what was waited for did not come") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension FaultProxy.Request {
    /// Whether it is about a blob, not about the store.
    fileprivate var isForContent: Bool {
        let path = target.prefix { $0 != "?" }
        return path.split(separator: "/").last.flatMap { BlobKey(String($0)) } != nil
    }
}
