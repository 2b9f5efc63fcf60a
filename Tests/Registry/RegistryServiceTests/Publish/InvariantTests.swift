// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

/// The promises of the architecture that publishing keeps, each by its name.
@Suite("Invariants", .timeLimit(.minutes(15)))
struct InvariantTests {
    @Test("a 201 is durable: all is in the files of the data directory when publishing returns")
    func durable() async throws {
        try await PublishFixture.run(on: [.embedded]) { fixture in
            try await fixture.publish([1, 2, 3], as: "tool@1.0.0/a.bin")
            // A copy of the files at this moment is what a killed process leaves.
            try await withTemporaryDirectory { other in
                let copy = other + "/copy"
                try FileManager.default.copyItem(atPath: fixture.directory, toPath: copy)
                let restarted = try await PublishFixture(copy, on: .embedded)
                #expect(try await restarted.content(of: "tool@1.0.0/a.bin") == [1, 2, 3])
                try await restarted.database.close()
            }
        }
    }

    @Test("visible means complete: at every step of a publish a visible file can be read whole")
    func visibleMeansComplete() async throws {
        try await PublishFixture.run { fixture in
            let bytes = [UInt8](repeating: 7, count: 100_000)
            var step = 0
            var wasVisible: [Bool] = []
            while true {
                let path = "tool@1.0.\(step)/a.bin"
                let steps = Steps(
                    at: step,
                    .act {
                        let content = try await fixture.content(of: path)
                        #expect(content == nil || content == bytes)
                    }
                )
                let stores = fixture.stepped(steps)
                let upload = fixture.uploadFile(database: stores.database, blobs: stores.blobs)
                _ = try await upload(fixture.request(path), from: Body(bytes))
                wasVisible.append(try await fixture.content(of: path) == bytes)
                guard steps.wasReached else { break }
                step += 1
            }
            #expect(step > 4, "there are steps to look at")
            #expect(wasVisible.allSatisfy { $0 })
        }
    }

    @Test("a published version never changes", arguments: PublishContract.Name.allCases)
    func neverChanges(_ name: PublishContract.Name) async throws {
        let contract = PublishContract(name)
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin", contract: contract)
            let before = try await fixture.record(of: "tool@1.0.0/a.bin")
            for path in ["tool@1.0.0/a.bin", "TOOL@1.0.0/A.BIN"] {
                await #expect(throws: RegistryError.self) {
                    try await fixture.publish([2], as: path, contract: contract)
                }
            }
            if name == .documented {
                for (bytes, path) in [([UInt8(1)], "tool@1.0.0/a.bin"), ([2], "tool@1.0.0/b.bin")] {
                    await #expect(throws: RegistryError.self) {
                        try await fixture.publish(bytes, as: path, contract: contract)
                    }
                }
            } else {
                let again = try await fixture.publish([1], as: "tool@1.0.0/a.bin", contract: contract)
                #expect(again == .unchanged(sha256: try .sha256(of: [1])))
            }
            #expect(try await fixture.record(of: "tool@1.0.0/a.bin") == before)
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == [1])
            #expect(try await fixture.record(of: "tool@1.0.0/b.bin") == nil)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("one winner: of 32 publishers of one coordinate one creates it", arguments: PublishContract.Name.allCases)
    func oneWinner(_ name: PublishContract.Name) async throws {
        let contract = PublishContract(name)
        try await PublishFixture.run { fixture in
            let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 0..<32 {
                    group.addTask {
                        do {
                            let bytes = Array("content \(number)".utf8)
                            let outcome = try await fixture.publish(bytes, as: "tool@1.0.0/a.bin", contract: contract)
                            #expect(outcome == .created(sha256: try .sha256(of: bytes)))
                            return number
                        } catch let error as RegistryError where error.code == .alreadyExists && name == .current {
                            return nil
                        } catch let error as RegistryError where error.code == .versionExists && name == .documented {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
            }
            #expect(winners.count == 1)
            let expected = winners.first.map { Array("content \($0)".utf8) }
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == expected)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test(
        "content heals: an equal publish replaces what is missing or cut off",
        arguments: [nil, [], [1, 2]] as [[UInt8]?]
    )
    func contentHeals(_ replacement: [UInt8]?) async throws {
        try await PublishFixture.run { fixture in
            let bytes: [UInt8] = [1, 2, 3, 4]
            try await fixture.publish(bytes, as: "tool@1.0.0/a.bin")
            try await fixture.damage("tool@1.0.0/a.bin", replacement: replacement)
            await #expect(throws: BlobStoreError.self) { try await fixture.content(of: "tool@1.0.0/a.bin") }
            try await fixture.publish(bytes, as: "tool@2.0.0/b.bin")
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == bytes)
            #expect(try await fixture.content(of: "tool@2.0.0/b.bin") == bytes)
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == bytes)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("no transaction waits for bytes: others publish, read and delete while a body is on its way")
    func noTransactionWaits() async throws {
        try await PublishFixture.run { fixture in
            let gate = Gate()
            async let slow = fixture.uploadFile()(fixture.request("slow@1.0.0/a.bin"), from: Body([1], gate: gate))
            await gate.waitForArrival()
            try await fixture.publish([1], as: "fast@1.0.0/a.bin")
            #expect(try await fixture.content(of: "fast@1.0.0/a.bin") == [1])
            try await fixture.delete("fast@1.0.0/a.bin")
            #expect(try await fixture.collectGarbage.run() == 1)
            gate.open()
            #expect(try await slow == .created(sha256: try .sha256(of: [1])))
            #expect(try await fixture.content(of: "slow@1.0.0/a.bin") == [1])
        }
    }

    @Test("every body is bounded: one that is too large is refused before its end and stores nothing")
    func bodiesAreBounded() async throws {
        try await PublishFixture.run { fixture in
            let upload = fixture.uploadFile(limit: 100)
            let body = Body([UInt8](repeating: 1, count: 1000), pieceSize: 10)
            await #expect { try await upload(fixture.request("tool@1.0.0/a.bin"), from: body) } throws: { error in
                guard let error = error as? RegistryError, error.code == .tooLarge else { return false }
                let sentence = error.message
                return sentence.contains("100 bytes")
            }
            #expect(body.taken.value == 11, "no piece was taken after the one that passed the limit")
            let announced = Body([UInt8](repeating: 1, count: 1000))
            await #expect(throws: RegistryError.self) {
                try await upload(fixture.request("tool@1.0.0/a.bin", announcedSize: 101), from: announced)
            }
            #expect(announced.taken.value == 0, "an announced size is refused before the body")
            try await fixture.expectNothingLeftBehind()
            let exact = Body([UInt8](repeating: 1, count: 100), pieceSize: 7)
            _ = try await upload(fixture.request("tool@1.0.0/a.bin"), from: exact)
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin")?.count == 100)
        }
    }

    @Test("a failed sync is final: a commit that failed is not tried again, and leaves nothing")
    func failedSyncIsFinal() async throws {
        try await PublishFixture.run { fixture in
            let steps = Steps(at: 3, .fail(BlobStoreError(.unavailable, "could not sync: Input/output error")))
            let stores = fixture.stepped(steps)
            let upload = fixture.uploadFile(database: stores.database, blobs: stores.blobs)
            await #expect(throws: BlobStoreError.self) {
                try await upload(fixture.request("tool@1.0.0/a.bin"), from: Body([1]))
            }
            #expect(steps.log.count { $0 == "before commit" } == 1)
            #expect(steps.log[3] == "after commit", "\(steps.log)")
            #expect(try await fixture.count("SELECT COUNT(*) FROM file") == 0, "nothing became visible")
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }
}
