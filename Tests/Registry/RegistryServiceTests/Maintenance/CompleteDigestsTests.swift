// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import Testing

@testable import RegistryService

@Suite("Completing digests", .timeLimit(.minutes(15)))
struct CompleteDigestsTests {
    /// The digests of "abc": RFC 1321, appendix A.5, and FIPS 180-4.
    private static let abc = [
        "900150983cd24fb0d6963f7d28e17f72",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ]

    @Test("the job computes what publishers did not wait for, and keeps it")
    func job() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish(Array("abc".utf8), as: "tool@1.0.0/a.bin")
            #expect(try await fixture.record(of: "tool@1.0.0/a.bin")?.blob.digests == nil)
            #expect(try await fixture.completeDigests.run() == 1)
            let digests = try await fixture.record(of: "tool@1.0.0/a.bin")?.blob.digests
            #expect(DigestAlgorithm.allCases.map { digests?[$0].hex } == Self.abc)
            #expect(try await fixture.completeDigests.run() == 0)
        }
    }

    @Test("who asks first gets them at once")
    func onDemand() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish(Array("abc".utf8), as: "tool@1.0.0/a.bin")
            let blob = try #require(try await fixture.record(of: "tool@1.0.0/a.bin")).blob
            let digests = try await fixture.completeDigests.digests(of: blob)
            #expect(DigestAlgorithm.allCases.map { digests[$0].hex } == Self.abc)
            #expect(try await fixture.completeDigests.run() == 0)
        }
    }

    @Test("damaged content is passed over, and never gets digests", arguments: [nil, [], [1, 2, 3, 5]] as [[UInt8]?])
    func damaged(_ replacement: [UInt8]?) async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1, 2, 3, 4], as: "tool@1.0.0/a.bin")
            try await fixture.publish([9], as: "tool@1.0.0/b.bin")
            try await fixture.damage("tool@1.0.0/a.bin", replacement: replacement)
            #expect(try await fixture.completeDigests.run() == 1)
            #expect(try await fixture.record(of: "tool@1.0.0/a.bin")?.blob.digests == nil)
            #expect(try await fixture.record(of: "tool@1.0.0/b.bin")?.blob.digests != nil)
        }
    }
}
