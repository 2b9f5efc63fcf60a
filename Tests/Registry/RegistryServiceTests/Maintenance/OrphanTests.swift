// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Orphans", .timeLimit(.minutes(15)))
struct OrphanTests {
    /// Content that was committed, but that no row knows.
    private func orphan(_ bytes: [UInt8], in fixture: PublishFixture) async throws -> BlobKey {
        try await StagingPlace(fixture.directory + "/place").commit(bytes, to: fixture.blobs)
    }

    @Test("content that no row knows goes, and nothing else")
    func removesOrphans() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<5 { try await fixture.publish([UInt8(number)], as: "tool@1.0.\(number)/a.bin") }
            var orphans: Set<BlobKey> = []
            for number in 10..<13 { orphans.insert(try await orphan([UInt8(number)], in: fixture)) }
            var removed: Set<BlobKey> = []
            let found = try await fixture.removeOrphans.run(grace: .zero) { removed.insert($0.key) }
            #expect(removed == orphans)
            #expect(found.orphans == 3 && found.orphanBytes == 3 && found.blobs == 5)
            for number in 0..<5 {
                #expect(try await fixture.content(of: "tool@1.0.\(number)/a.bin") == [UInt8(number)])
            }
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("a look counts what a removal would remove, and leaves it")
    func dryRun() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let key = try await orphan([2], in: fixture)
            var seen: [BlobKey] = []
            let found = try await fixture.removeOrphans.find(grace: .zero) { seen.append($0.key) }
            #expect(found.orphans == 1 && seen == [key])
            #expect(try await fixture.blobs.sizeInBytes(of: key) == 1)
        }
    }

    @Test("content that is younger than the grace stays")
    func grace() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let key = try await orphan([2], in: fixture)
            #expect(try await fixture.removeOrphans.run().orphans == 0)
            #expect(try await fixture.blobs.sizeInBytes(of: key) == 1)
        }
    }

    @Test("a store with more unknown than known content is left alone, unless that is wanted")
    func foreignStore() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let keys = [try await orphan([2], in: fixture), try await orphan([3], in: fixture)]
            let error = await #expect(throws: RegistryError.self) {
                _ = try await fixture.removeOrphans.run(grace: .zero)
            }
            #expect(error?.message.contains("nothing was removed") == true)
            for key in keys { #expect(try await fixture.blobs.sizeInBytes(of: key) == 1) }
            #expect(try await fixture.removeOrphans.run(grace: .zero, isForced: true).orphans == 2)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("a publish whose content was taken for left over is refused, and can be sent again")
    func condemnedBeforeItsRecord() async throws {
        try await PublishFixture.run { fixture in
            // The third write of a publish's steps is its record; the collector comes right before it.
            let steps = Steps(
                at: 3,
                .act { _ = try await fixture.removeOrphans.run(grace: .zero, isForced: true) }
            )
            let stores = fixture.stepped(steps)
            let upload = fixture.uploadFile(database: stores.database, blobs: stores.blobs)
            await #expect(throws: (any Error).self, "\(steps.log)") {
                _ = try await upload(fixture.request("tool@1.0.0/a.bin"), from: Body([1, 2, 3]))
            }
            #expect(try await fixture.record(of: "tool@1.0.0/a.bin") == nil)
            try await fixture.publish([1, 2, 3], as: "tool@1.0.0/a.bin")
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == [1, 2, 3])
        }
    }

    @Test("at whatever step of a publish the collector comes, an acknowledged file has its content")
    func collectorAtEveryStep() async throws {
        try await PublishFixture.run { fixture in
            for step in 0..<14 {
                let path = "tool@1.0.\(step)/a.bin"
                let steps = Steps(
                    at: step,
                    .act { _ = try await fixture.removeOrphans.run(grace: .zero, isForced: true) }
                )
                let stores = fixture.stepped(steps)
                let upload = fixture.uploadFile(database: stores.database, blobs: stores.blobs)
                let bytes = [UInt8](repeating: UInt8(step), count: 100)
                let outcome = try? await upload(fixture.request(path), from: Body(bytes))
                if outcome != nil { #expect(try await fixture.content(of: path) == bytes, "step \(step) \(steps.log)") }
                if outcome == nil { #expect(try await fixture.record(of: path) == nil, "step \(step) \(steps.log)") }
            }
            _ = try await fixture.removeOrphans.run(grace: .zero, isForced: true)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("a key of a blob is never condemned")
    func knownKey() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let key = try #require(try await fixture.record(of: "tool@1.0.0/a.bin")).blob.key
            #expect(try await fixture.metadata.removals.condemn([key]) == [])
            #expect(try await fixture.count("SELECT COUNT(*) FROM condemned_key") == 0)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("condemned keys are forgotten after a month")
    func forgotten() async throws {
        try await PublishFixture.run { fixture in
            _ = try await fixture.metadata.removals.condemn([try await orphan([1], in: fixture)])
            try await fixture.metadata.removals.forgetCondemnedKeys(olderThan: .seconds(60))
            #expect(try await fixture.count("SELECT COUNT(*) FROM condemned_key") == 1)
            try await fixture.metadata.removals.forgetCondemnedKeys(olderThan: .seconds(-60))
            #expect(try await fixture.count("SELECT COUNT(*) FROM condemned_key") == 0)
        }
    }
}
