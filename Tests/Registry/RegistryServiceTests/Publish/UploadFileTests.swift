// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Publishing", .timeLimit(.minutes(15)))
struct UploadFileTests {
    @Test("what was published is given back", arguments: PublishContract.Name.allCases, [0, 1, 262_144, 2_000_003])
    func roundTrip(_ contract: PublishContract.Name, size: Int) async throws {
        try await PublishFixture.run { fixture in
            var generator = SeededGenerator(seed: UInt64(size))
            let bytes = generator.bytes(size)
            let outcome = try await fixture.publish(bytes, as: "tool@1.0.0/a.bin", contract: PublishContract(contract))
            #expect(outcome == .created(sha256: try .sha256(of: bytes)))
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == bytes)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("with the embedded database, a download is opened where its file was found")
    func openedAtOnce() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1, 2, 3], as: "tool@1.0.0/a.bin")
            let blobs = fixture.blobs
            for (path, size) in [("tool@1.0.0/a.bin", 3), ("tool@1.0.0/b.bin", nil)] as [(String, Int64?)] {
                let found = try await fixture.metadata.packages.download(fixture.coordinate(path), seenBy: nil) {
                    _,
                    file in
                    blobs.openAtOnce(file.blob.key)?.sizeInBytes
                }
                #expect(found?.content == (fixture.database.dialect == .sqlite ? size : nil))
            }
        }
    }

    @Test("equal content is stored once, whoever publishes it")
    func deduplication() async throws {
        try await PublishFixture.run { fixture in
            let bytes = [UInt8](repeating: 3, count: 10_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<16 {
                    group.addTask { try await fixture.publish(bytes, as: "tool@1.0.\(number)/a.bin") }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.keysInStore().count == 1)
            for number in 0..<16 { #expect(try await fixture.content(of: "tool@1.0.\(number)/a.bin") == bytes) }
            try await fixture.delete("tool@1.0.0/a.bin")
            #expect(try await fixture.collectGarbage.run() == 0)
            #expect(try await fixture.content(of: "tool@1.0.15/a.bin") == bytes)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("under the current contract a version takes further files")
    func severalFiles() async throws {
        try await PublishFixture.run { fixture in
            for name in ["a", "b", "c"] { try await fixture.publish(Array(name.utf8), as: "tool@v1 beta/\(name).bin") }
            for name in ["a", "b", "c"] {
                #expect(try await fixture.content(of: "tool@v1 beta/\(name).bin") == Array(name.utf8))
            }
            #expect(try await fixture.count("SELECT COUNT(*) FROM version") == 1)
        }
    }

    @Test("a retry that races its first attempt is created or unchanged, never refused")
    func racingRetry() async throws {
        try await PublishFixture.run { fixture in
            let outcomes = try await withThrowingTaskGroup(of: UploadFile.Outcome.self) { group in
                for _ in 0..<16 { group.addTask { try await fixture.publish([1, 2], as: "tool@1.0.0/a.bin") } }
                return try await group.reduce(into: [UploadFile.Outcome]()) { $0.append($1) }
            }
            let sha256 = try Digest.sha256(of: [1, 2])
            #expect(outcomes.count { $0 == .created(sha256: sha256) } == 1)
            #expect(outcomes.count { $0 == .unchanged(sha256: sha256) } == 15)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("the refusal of other bytes names both digests")
    func conflictNamesDigests() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let error = await #expect(throws: RegistryError.self) {
                try await fixture.publish([2], as: "tool@1.0.0/a.bin")
            }
            #expect(error?.message.contains(try Digest.sha256(of: [1]).hex) == true)
            #expect(error?.message.contains(try Digest.sha256(of: [2]).hex) == true)
        }
    }

    @Test("under the documented contract the refusal says whether the bytes were identical, and takes no body")
    func documentedRefusal() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin", contract: .documented)
            let body = Body([1])
            let request = try fixture.request(
                "tool@1.0.0/a.bin",
                contract: .documented,
                expected: [("x-checksum-sha256", try Digest.sha256(of: [1]).hex)]
            )
            let error = await #expect(throws: RegistryError.self) {
                try await fixture.uploadFile()(request, from: body)
            }
            #expect(error?.message.contains("identical") == true)
            #expect(body.taken.value == 0)
        }
    }

    static let digests = [
        ("x-checksum-md5", "5289df737df57326fcdd22597afb1fac"),
        ("x-checksum-sha1", "7037807198c22a7d2b0807371d763779a84fdfcf"),
        ("x-checksum-sha256", "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"),
        (
            "x-checksum-sha512",
            "27864cc5219a951a7a6e52b8c8dddf6981d098da1658d96258c870b2c88dfbcb"
                + "51841aea172a28bafa6a79731165584677066045c959ed0f9929688d04defc29"
        ),
    ]

    @Test("a digest that the client states is verified before anything is stored", arguments: digests)
    func statedDigests(_ field: String, _ value: String) async throws {
        try await PublishFixture.run { fixture in
            let upload = fixture.uploadFile()
            let request = try fixture.request("tool@1.0.0/a.bin", expected: [(field, value)])
            let error = await #expect(throws: RegistryError.self) { try await upload(request, from: Body([3, 2, 1])) }
            guard let sentence = error?.message, error?.code == .digestMismatch else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(sentence.contains(value))
            try await fixture.expectNothingLeftBehind()
            #expect(try await fixture.record(of: "tool@1.0.0/a.bin") == nil)
            _ = try await upload(request, from: Body([1, 2, 3]))
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == [1, 2, 3])
        }
    }

    @Test("a body that breaks off leaves nothing", arguments: [0, 1, 1_000_000])
    func brokenBody(_ size: Int) async throws {
        try await PublishFixture.run { fixture in
            let body = Body([UInt8](repeating: 1, count: size), breaksOff: true)
            await #expect(throws: Body.BrokeOff.self) {
                try await fixture.uploadFile()(fixture.request("tool@1.0.0/a.bin"), from: body)
            }
            #expect(try await fixture.record(of: "tool@1.0.0/a.bin") == nil)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("a version that is deleted while a publish meets it is never answered as if it were there")
    func deletedMeanwhile() async throws {
        try await PublishFixture.run { fixture in
            for contract in [PublishContract.documented, .current] {
                for step in 0..<12 {
                    try await checkDeletion(fixture, "tool@1.0.\(step)/\(contract.name).bin", contract, atStep: step)
                }
            }
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    /// Publishes `[2]` while `[1]` appears at the same coordinate and is deleted at some step of that publish.
    private func checkDeletion(
        _ fixture: PublishFixture,
        _ path: String,
        _ contract: PublishContract,
        atStep step: Int
    ) async throws {
        let gate = Gate()
        let steps = Steps(
            at: step,
            .act { if try await fixture.content(of: path) == [1] { try await fixture.delete(path) } }
        )
        let stores = fixture.stepped(steps)
        let upload = fixture.uploadFile(database: stores.database, blobs: stores.blobs)
        let request = try fixture.request(path, contract: contract)
        async let outcome = Self.outcome { try await upload(request, from: Body([2], gate: gate)) }
        await gate.waitForArrival()
        try await fixture.publish([1], as: path, contract: contract)
        gate.open()
        if try await outcome != nil {
            #expect(try await fixture.content(of: path) == [2], "\(contract.name), step \(step): \(steps.log)")
        }
    }

    /// The outcome of a publish; nil when it was refused.
    private static func outcome(
        _ publish: () async throws -> UploadFile.Outcome
    ) async throws -> UploadFile.Outcome? {
        do {
            return try await publish()
        } catch is RegistryError {
            return nil
        }
    }
}
