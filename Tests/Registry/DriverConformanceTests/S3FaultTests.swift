// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import S3Blobs

/// What happens when a store or the way to it fails.
@Suite("S3 faults", .enabled(if: TestS3.current != nil), .timeLimit(.minutes(15)))
struct S3FaultTests {
    /// Faults of one request, with names.
    static let faults: [(String, Fault)] = [
        ("500", .refusal(500, "InternalError")), ("503", .refusal(503, "SlowDown")), ("429", .refusal(429, "")),
        ("502 that is not XML", .answer(502, body: "<html>bad gateway")), ("a closed connection", .refuse),
        ("a request cut off", .cutRequest(after: 20_000)), ("a lost answer", .dropAnswer),
        ("an answer cut off", .cutAnswer(after: 20)), ("a stalled request", .stallRequest(after: 20_000)),
        ("a stalled answer", .stallAnswer(after: 0)), ("an error in a 200", .refusal(200, "InternalError")),
        ("a damaged byte", .damageRequest),
    ]

    @Test("a commit that fails once is tried again", arguments: faults.map(\.0))
    func commitRecovers(_ name: String) async throws {
        let fault = try #require(Self.faults.first { $0.0 == name }?.1)
        try await S3FaultFixture.run { method, number in
            method == "PUT" && number == 0 ? fault : nil
        } _: { fixture in
            let (key, bytes) = try await fixture.commit(100_000)
            #expect(try await fixture.direct.open(key).bytes() == bytes)
            #expect(fixture.requests().prefix(2) == ["PUT", "PUT"])
        }
    }

    @Test("a commit that always fails throws and leaves nothing to be seen", arguments: faults.map(\.0))
    func commitFails(_ name: String) async throws {
        let fault = try #require(Self.faults.first { $0.0 == name }?.1)
        // These let the work be done, and a later look at it finds that out.
        guard !["a lost answer", "an answer cut off", "a stalled answer"].contains(name) else { return }
        try await S3FaultFixture.run { method, _ in
            method == "PUT" ? fault : nil
        } _: { fixture in
            let (staged, key, _) = try fixture.stage(100_000)
            let error = await #expect(throws: BlobStoreError.self) { try await fixture.faulty.commit(staged, as: key) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains(key.text) == true)
            #expect(fixture.requests() == ["PUT", "PUT", "PUT", "PUT"])
            #expect(try await fixture.direct.sizeInBytes(of: key) == nil)
        }
    }

    @Test(
        "a refusal that will not change is not tried again",
        arguments: [
            (403, "AccessDenied", BlobStoreError.Code.readOnly), (403, "QuotaExceeded", .full), (507, "", .full),
            (403, "InvalidAccessKeyId", .unavailable), (404, "NoSuchBucket", .other),
        ]
    )
    func finalRefusal(_ status: Int, _ word: String, _ code: BlobStoreError.Code) async throws {
        try await S3FaultFixture.run { _, _ in
            .refusal(status, word)
        } _: { fixture in
            let (staged, key, _) = try fixture.stage(10)
            let error = await #expect(throws: BlobStoreError.self) { try await fixture.faulty.commit(staged, as: key) }
            #expect(error?.code == code)
            let missing = await #expect(throws: BlobStoreError.self) { _ = try await fixture.faulty.open(key) }
            #expect(missing?.code == code, "content is not missing because the store refuses")
            #expect(fixture.requests() == ["PUT", "GET"])
        }
    }

    @Test("a write that lands after it was given up harms nobody")
    func lateWrite() async throws {
        try await S3FaultFixture.run { method, _ in
            method == "PUT" ? .deliverLate : nil
        } _: { fixture in
            let (staged, key, bytes) = try fixture.stage(50_000)
            await #expect(throws: BlobStoreError.self) { try await fixture.faulty.commit(staged, as: key) }
            // The same bytes are published again under a key of their own.
            let second = try await fixture.place.commit(bytes, to: fixture.direct)
            try await fixture.wait { try await fixture.direct.sizeInBytes(of: key) != nil }
            try await fixture.direct.remove(key)
            #expect(try await fixture.direct.open(second).bytes() == bytes)
        }
    }

    static let brokenAnswers: [(String, Fault)] = [
        ("cut off", .cutAnswer(after: 300_000)), ("stalled", .stallAnswer(after: 300_000)),
    ]

    @Test("a read that breaks goes on where it broke", arguments: brokenAnswers.map(\.0))
    func readRecovers(_ name: String) async throws {
        let fault = try #require(Self.brokenAnswers.first { $0.0 == name }?.1)
        try await S3FaultFixture.run { method, number in
            method == "GET" && number < 2 ? fault : nil
        } _: { fixture in
            let (key, bytes) = try await fixture.commit(3_000_000)
            #expect(try await fixture.faulty.open(key).bytes() == bytes)
            #expect(fixture.requests().filter { $0 == "GET" }.count == 3)
        }
    }

    @Test("a read that always breaks throws and never looks complete", arguments: [0, 100, 299, 500_000])
    func readFails(_ limit: Int) async throws {
        try await S3FaultFixture.run { method, _ in
            method == "GET" ? .cutAnswer(after: limit) : nil
        } _: { fixture in
            let (key, bytes) = try await fixture.commit(400_000)
            var received: [UInt8] = []
            do {
                for try await piece in try await fixture.faulty.open(key).read(0..<400_000) {
                    received += piece
                }
                #expect(limit > 400_000)
            } catch let error as BlobStoreError {
                #expect(error.code == .unavailable)
                #expect(received.count < bytes.count)
            }
            #expect(received == Array(bytes.prefix(received.count)))
        }
    }

    @Test("a reader that is slower than the idle timeout gets everything")
    func slowReader() async throws {
        try await S3FaultFixture.run { _, _ in
            nil
        } _: { fixture in
            let (key, bytes) = try await fixture.commit(5_000_000)
            var received: [UInt8] = []
            for try await piece in try await fixture.faulty.open(key).read(0..<5_000_000) {
                // The time itself is what is tested.
                if received.isEmpty { try await Task.sleep(for: .seconds(3)) }
                received += piece
            }
            #expect(received == bytes)
            #expect(fixture.requests() == ["PUT", "GET"])
        }
    }

    @Test("content is not taken for missing when it is the bucket that is")
    func missingBucket() async throws {
        try await S3FaultFixture.run { method, _ in
            method == "HEAD" ? .answer(404, body: "") : nil
        } _: { fixture in
            let (key, _) = try await fixture.commit(10)
            // The bucket is there: the answer to HEAD is believed.
            #expect(try await fixture.faulty.sizeInBytes(of: key) == nil)
        }
        try await S3FaultFixture.run { method, _ in
            method == "HEAD" || method == "GET" ? .refusal(404, "NoSuchBucket") : nil
        } _: { fixture in
            let (key, _) = try await fixture.commit(10)
            let error = await #expect(throws: BlobStoreError.self) { _ = try await fixture.faulty.open(key) }
            #expect(error?.code == .other)
        }
    }
}
