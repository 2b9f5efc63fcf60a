// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import S3Blobs

/// Large content, which is sent in parts of 5 MiB here.
@Suite("S3 multipart", .enabled(if: TestS3.current != nil), .timeLimit(.minutes(15)))
struct S3MultipartTests {
    private static let size = (11 << 20) + 17

    @Test("content of several parts is given back, in whole and in ranges over their borders")
    func roundTrip() async throws {
        try await S3FaultFixture.run { _, _ in
            nil
        } _: { fixture in
            let (key, bytes) = try await fixture.commit(Self.size)
            let content = try await fixture.direct.open(key)
            #expect(content.sizeInBytes == Int64(Self.size))
            #expect(try await content.bytes() == bytes)
            let border = 5 << 20
            #expect(
                try await content.bytes(Int64(border - 2)..<Int64(border + 2)) == Array(bytes[border - 2..<border + 2])
            )
            #expect(fixture.requests().filter { $0 == "PUT" }.count == 3)
        }
    }

    @Test("a key is never overwritten")
    func neverOverwritten() async throws {
        try await S3FaultFixture.run { _, _ in
            nil
        } _: { fixture in
            let (key, bytes) = try await fixture.commit(Self.size)
            let (other, _, _) = try fixture.stage(Self.size + 1)
            await #expect(throws: BlobStoreError.self) { try await fixture.faulty.commit(other, as: key) }
            #expect(try await fixture.direct.open(key).bytes() == bytes)
        }
    }

    static let recoverable: [(String, String, Int, Fault)] = [
        ("a part refused", "PUT", 1, .refusal(500, "InternalError")), ("a part damaged", "PUT", 1, .damageRequest),
        ("a part cut off", "PUT", 2, .cutRequest(after: 1_000_000)),
        ("a part stalled", "PUT", 0, .stallRequest(after: 1_000_000)),
        ("the begin unanswered", "POST", 0, .dropAnswer),
        ("an error in a 200", "POST", 1, .refusal(200, "InternalError")),
        ("the end unanswered", "POST", 1, .dropAnswer), ("the end refused", "POST", 1, .refusal(503, "SlowDown")),
    ]

    @Test("what fails once is tried again", arguments: recoverable.map(\.0))
    func recovers(_ name: String) async throws {
        let (_, method, number, fault) = try #require(Self.recoverable.first { $0.0 == name })
        try await S3FaultFixture.run {
            $0 == method && $1 == number ? fault : nil
        } _: { fixture in
            let (key, bytes) = try await fixture.commit(Self.size)
            #expect(try await fixture.direct.open(key).bytes() == bytes)
        }
    }

    static let fatal: [(String, String, Int, Fault)] = [
        ("a part", "PUT", 1, .refusal(500, "InternalError")),
        ("a stalled part", "PUT", 2, .stallRequest(after: 1_000_000)),
        ("the end", "POST", 1, .refusal(503, "SlowDown")),
        ("an error in a 200", "POST", 1, .refusal(200, "InternalError")),
    ]

    @Test("what always fails throws, and leaves neither content nor parts", arguments: fatal.map(\.0))
    func fails(_ name: String) async throws {
        let (_, method, number, fault) = try #require(Self.fatal.first { $0.0 == name })
        try await S3FaultFixture.run {
            $0 == method && $1 >= number ? fault : nil
        } _: { fixture in
            let (staged, key, _) = try fixture.stage(Self.size)
            let error = await #expect(throws: BlobStoreError.self) { try await fixture.faulty.commit(staged, as: key) }
            #expect(error?.code == .unavailable)
            #expect(fixture.requests().contains("DELETE"))
            #expect(try await fixture.direct.sizeInBytes(of: key) == nil)
            #expect(try await fixture.direct.removeUnfinished(olderThan: .zero) == 0)
        }
    }

    @Test("a commit that is given up leaves neither content nor parts")
    func cancelled() async throws {
        try await S3FaultFixture.run { method, number in
            method == "PUT" && number == 1 ? .stallRequest(after: 1000) : nil
        } _: { fixture in
            let (staged, key, _) = try fixture.stage(Self.size)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await fixture.faulty.commit(staged, as: key) }
                try? await fixture.wait { fixture.requests().filter { $0 == "PUT" }.count > 1 }
                group.cancelAll()
            }
            #expect(try await fixture.direct.sizeInBytes(of: key) == nil)
            #expect(try await fixture.direct.removeUnfinished(olderThan: .zero) == 0)
        }
    }

    @Test("parts that somebody left behind are removed when they are old enough")
    func abandoned() async throws {
        try await S3FaultFixture.run { method, number in
            // Also what should clean up fails.
            (method == "PUT" && number > 0) || method == "DELETE" ? .refusal(500, "InternalError") : nil
        } _: { fixture in
            let (staged, key, _) = try fixture.stage(Self.size)
            await #expect(throws: BlobStoreError.self) { try await fixture.faulty.commit(staged, as: key) }
            #expect(try await fixture.direct.removeUnfinished(olderThan: .seconds(3600)) == 0)
            #expect(try await fixture.direct.removeUnfinished(olderThan: .zero) == 1)
            #expect(try await fixture.direct.removeUnfinished(olderThan: .zero) == 0)
        }
    }
}
