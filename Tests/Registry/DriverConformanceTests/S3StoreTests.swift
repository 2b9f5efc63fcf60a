// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPClient
import HTTPMessages
import Loops
import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import S3Blobs

/// What only an S3 store can do or refuse.
@Suite("S3 store", .enabled(if: TestS3.current != nil), .timeLimit(.minutes(15)))
struct S3StoreTests {
    private let s3: TestS3
    private let http: HTTPSession

    init() throws {
        http = try HTTPSession()
        s3 = try #require(TestS3.current)
    }

    private func reason(_ change: (inout S3Configuration) throws -> Void) async throws -> String {
        var configuration = try s3.configuration(prefix: "refused")
        configuration.timeouts = S3FaultFixture.shortTimeouts
        try change(&configuration)
        let error = await #expect(throws: S3Unusable.self) { _ = try await s3.open(configuration) }
        return error?.description ?? ""
    }

    private func location(endpoint: String? = nil, bucket: String? = nil) throws -> S3Location {
        try #require(S3Location(endpoint: endpoint ?? s3.endpoint, bucket: bucket ?? s3.bucket))
    }

    @Test("a store that cannot be used is refused with a sentence that says what is wrong")
    func refused() async throws {
        let wrongEndpoint = try await reason { $0.location = try location(endpoint: "http://127.0.0.1:1") }
        #expect(wrongEndpoint.contains("connection refused") && wrongEndpoint.contains("s3.endpoint"))
        let unknownHost = try await reason { $0.location = try location(endpoint: "http://no-such-host.invalid") }
        #expect(unknownHost.contains("s3.endpoint"))
        let wrongBucket = try await reason { $0.location = try location(bucket: "no-such-bucket") }
        #expect(wrongBucket.contains("no such bucket") && wrongBucket.contains("no-such-bucket"))
        let wrongKey = try await reason {
            $0.credentials = S3Credentials(accessKey: "UNKNOWN", secretKey: "unmistakable")
        }
        #expect(wrongKey.contains("s3.access-key") && !wrongKey.contains("unmistakable"))
        let wrongSecret = try await reason { [s3] in
            $0.credentials = S3Credentials(accessKey: s3.credentials.accessKey, secretKey: "unmistakable")
        }
        #expect(wrongSecret.contains("s3.secret-key") && !wrongSecret.contains("unmistakable"))
    }

    @Test("a permission that is missing is named at the start", arguments: ["PUT", "GET", "DELETE"])
    func missingPermission(_ method: String) async throws {
        let proxy = FaultProxy(to: s3.endpoint) { $0.method == method ? .refusal(403, "AccessDenied") : nil }
        let sentence = try await proxy.run { endpoint in
            try await reason { $0.location = try location(endpoint: endpoint) }
        }
        #expect(sentence.contains("access denied"))
        #expect(sentence.contains(["PUT": "write", "GET": "read", "DELETE": "remove"][method] ?? "?"))
    }

    @Test("what a store lacks is told, and the registry does without")
    func lacks() async throws {
        let proxy = FaultProxy(to: s3.endpoint) { request in
            request.method == "PUT" && (1...2).contains(request.number) ? .answer(200, body: "") : nil
        }
        let prefix = "lacks-\(UUID())"
        try await withTemporaryDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            try await proxy.run { endpoint in
                var lacks: [String] = []
                let store = try await S3BlobStore.open(
                    try s3.configuration(prefix: prefix, through: endpoint),
                    readers: .maintenance,
                    now: TestS3.systemTime,
                    lacks: { lacks.append($0) }
                )
                #expect(lacks.count == 2)
                let key = try await place.commit([1, 2], to: store)
                await #expect(throws: BlobStoreError.self) { try await store.commit(try place.stage([3]), as: key) }
                #expect(try await store.open(key).bytes() == [1, 2])
            }
        }
        try await s3.clean(prefix: prefix)
    }

    @Test("a clock that is wrong is set right by the store's", arguments: [-7200, 7200])
    func wrongClock(_ offset: Int) async throws {
        let store = try await s3.open(try s3.configuration(prefix: "clock")) {
            TestS3.systemTime().adding(.seconds(offset))
        }
        try await store.checkHealth()
    }

    @Test("a store that does not answer is unhealthy")
    func unhealthy() async throws {
        let proxy = FaultProxy(to: s3.endpoint) { request in
            request.method == "GET" && request.number > 2 ? .stallRequest(after: 0) : nil
        }
        try await proxy.run { endpoint in
            var configuration = try s3.configuration(prefix: "health", through: endpoint)
            configuration.timeouts = S3FaultFixture.shortTimeouts
            let store = try await s3.open(configuration)
            let error = await #expect(throws: BlobStoreError.self) { try await store.checkHealth() }
            #expect(error?.code == .unavailable)
        }
    }

    @Test("a temporary URL gives the content under the file's name, and no other key")
    func temporaryURL() async throws {
        let prefix = "urls-\(UUID())"
        var configuration = try s3.configuration(prefix: prefix)
        let plain = try await s3.open(configuration)
        configuration.redirects = true
        let store = try await s3.open(configuration)
        try await withTemporaryDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            let key = try await place.commit([1, 2, 3], to: store)
            #expect(plain.temporaryURL(for: key, as: "a.bin", lifetime: .seconds(60)) == nil)
            let name = "it's a \"file\" (100%)+ä.tar.gz"
            let url = try #require(store.temporaryURL(for: key, as: name, lifetime: .seconds(60)))
            let answer = try await get(url)
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentDisposition] == ContentDisposition.attachment(name))
            #expect(answer.headers[.contentType] == "application/octet-stream")
            #expect(try await answer.body.collect(upTo: 100) == [1, 2, 3])
            let other = try await place.commit([4], to: store)
            #expect(try await get(url.replacing(key.path, with: other.path)).status == .forbidden)
            #expect(!url.contains("Secret"))
        }
        try await s3.clean(prefix: prefix)
    }

    private func get(_ url: String) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.timeouts.total = .seconds(30)
        return try await http.execute(request)
    }
}
