// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Garbage collection", .timeLimit(.minutes(15)))
struct GarbageTests {
    @Test("content goes when no file refers to it, and not before")
    func collectsUnused() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            try await fixture.publish([1], as: "tool@2.0.0/a.bin")
            try await fixture.publish([2], as: "tool@2.0.0/b.bin")
            #expect(try await fixture.collectGarbage.run() == 0)
            try await fixture.delete("tool@1.0.0/a.bin")
            #expect(try await fixture.collectGarbage.run() == 0)
            try await fixture.delete("tool@2.0.0/a.bin")
            #expect(try await fixture.collectGarbage.run() == 1)
            #expect(try await fixture.content(of: "tool@2.0.0/b.bin") == [2])
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("a collection that died is finished by the next one")
    func resumes() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<5 { try await fixture.publish([UInt8(number)], as: "tool@1.0.\(number)/a.bin") }
            for number in 0..<5 { try await fixture.delete("tool@1.0.\(number)/a.bin") }
            _ = try await fixture.metadata.removals.collectBlobs(limit: 200)
            #expect(try await fixture.keysInStore().count == 5)
            #expect(try await fixture.collectGarbage.run() == 5)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("content that the store does not let go keeps nothing else from being removed")
    func goesOnBehindAFailure() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<5 { try await fixture.publish([UInt8(number)], as: "tool@1.0.\(number)/a.bin") }
            for number in 0..<5 { try await fixture.delete("tool@1.0.\(number)/a.bin") }
            let away = BlobStoreError(.unavailable, "the store did not answer in time")
            let store = fixture.stepped(Steps(at: 0, .fail(away))).blobs
            await #expect(throws: BlobStoreError.self) {
                try await CollectGarbage(metadata: fixture.metadata, blobs: store).run()
            }
            #expect(try await fixture.keysInStore().count == 1)
            #expect(try await fixture.collectGarbage.run() == 1)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("a store that is away is not asked for every key")
    func givesUpOnAStoreThatIsAway() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<5 { try await fixture.publish([UInt8(number)], as: "tool@1.0.\(number)/a.bin") }
            for number in 0..<5 { try await fixture.delete("tool@1.0.\(number)/a.bin") }
            let steps = Steps(at: 0, lasting: true, .fail(BlobStoreError(.unavailable, "the store is away")))
            await #expect(throws: BlobStoreError.self) {
                try await CollectGarbage(metadata: fixture.metadata, blobs: fixture.stepped(steps).blobs).run()
            }
            #expect(steps.log.count == 3)
            #expect(try await fixture.collectGarbage.run() == 5)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test(
        "the foreign key is the lock: publishers of equal content and the collector never lose a file",
        arguments: [
            0x5EED_0001, 0x5EED_0002,
        ] as [UInt64]
    )
    func theForeignKeyIsTheLock(_ seed: UInt64) async throws {
        try await PublishFixture.run { fixture in
            let end = ContinuousClock.now + .seconds(2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<4 {
                    group.addTask {
                        var generator = SeededGenerator(seed: seed + UInt64(publisher))
                        var round = 0
                        while ContinuousClock.now < end {
                            // Of three contents, so that publishers meet each other as well as the collector.
                            let bytes = [UInt8](repeating: UInt8.random(in: 0..<3, using: &generator), count: 100)
                            let path = "tool\(publisher)@1.0.\(round)/a.bin"
                            try await fixture.publish(bytes, as: path)
                            #expect(try await fixture.content(of: path) == bytes, "seed \(seed), \(path)")
                            try await fixture.delete(path)
                            round += 1
                        }
                    }
                }
                group.addTask {
                    while ContinuousClock.now < end { _ = try await fixture.collectGarbage.run() }
                }
                try await group.waitForAll()
            }
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.keysInStore() == [])
            try await fixture.expectNothingLeftBehind()
        }
    }
}
