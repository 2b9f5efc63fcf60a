// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Backup, restore and the move to another store", .timeLimit(.minutes(15)))
struct BackupTests {
    private func backUp(_ fixture: PublishFixture, _ name: String = "backup") async throws -> BackUp.Summary {
        try await backUp(fixture, name) { _ in }
    }

    private func backUp(
        _ fixture: PublishFixture,
        _ name: String = "backup",
        report: (CopyProblem) async throws -> Void
    ) async throws -> BackUp.Summary {
        let folder = try await fixture.backupFolder("\(fixture.directory)/\(name)")
        return try await BackUp(metadata: fixture.metadata, blobs: fixture.blobs, to: folder).run(report: report)
    }

    /// Restores a backup into a new registry, which lies in the directory of the old one.
    private func restore(
        _ original: PublishFixture,
        _ name: String = "backup"
    ) async throws -> (PublishFixture, [CopyProblem]) {
        let directory = try Self.folder(original, "restored")
        let fixture = try await PublishFixture(directory, on: .embedded)
        var problems: [CopyProblem] = []
        let folder = try await original.backupFolder("\(original.directory)/\(name)")
        let restore = Restore(metadata: fixture.metadata, blobs: fixture.blobs, staging: fixture.staging, from: folder)
        _ = try await restore.run { problems.append($0) }
        return (fixture, problems)
    }

    @Test("what was backed up comes back, and a check finds nothing")
    func roundTrip() async throws {
        try await PublishFixture.run { fixture in
            var generator = SeededGenerator(seed: 21)
            var expected: [String: [UInt8]] = [:]
            for number in 0..<20 {
                let bytes = generator.bytes(number * 20_000)
                try await fixture.publish(bytes, as: "tool@1.0.\(number)/a.bin")
                expected["tool@1.0.\(number)/a.bin"] = bytes
            }
            let summary = try await backUp(fixture)
            #expect(summary.content.copied == 20 && summary.content.problems == 0)
            let (restored, lost) = try await restore(fixture)
            #expect(lost.isEmpty)
            for (path, bytes) in expected { #expect(try await restored.content(of: path) == bytes) }
            #expect(try await restored.check().isEmpty)
            try await restored.expectNothingLeftBehind()
            try await restored.database.close()
        }
    }

    @Test("the next backup copies only what is new, and drops what is not needed any more")
    func incremental() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<5 { try await fixture.publish([UInt8(number)], as: "tool@1.0.\(number)/a.bin") }
            #expect(try await backUp(fixture).content.copied == 5)
            try await fixture.publish([9], as: "tool@2.0.0/a.bin")
            try await fixture.delete("tool@1.0.0/a.bin")
            _ = try await fixture.collectGarbage.run()
            let second = try await backUp(fixture)
            #expect(second.content.copied == 1 && second.content.present == 4 && second.removed == 1)
            let (restored, _) = try await restore(fixture)
            #expect(try await restored.content(of: "tool@2.0.0/a.bin") == [9])
            #expect(try await restored.record(of: "tool@1.0.0/a.bin") == nil)
            #expect(try await restored.check().isEmpty)
            try await restored.database.close()
        }
    }

    @Test("damaged content is reported, and the good copy of an earlier backup is kept")
    func damaged() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1, 2, 3], as: "tool@1.0.0/a.bin")
            try await fixture.publish([4], as: "tool@1.0.1/a.bin")
            let key = try #require(try await fixture.record(of: "tool@1.0.0/a.bin")).blob.key
            _ = try await backUp(fixture)
            try await fixture.damage("tool@1.0.0/a.bin", replacement: [1, 2, 4])
            _ = try await fixture.check(repair: true)
            var problems: [CopyProblem] = []
            _ = try await backUp(fixture) { problems.append($0) }
            #expect(problems.map(\.item.sha256) == [try .sha256(of: [1, 2, 3])])
            let folder = try await fixture.backupFolder(fixture.directory + "/backup")
            #expect(try await folder.blobs.open(key).bytes() == [1, 2, 3])
            problems = []
            _ = try await backUp(fixture, "fresh") { problems.append($0) }
            #expect(problems.count == 1)
            let (restored, lost) = try await restore(fixture, "fresh")
            #expect(lost.count == 1)
            #expect(try await restored.content(of: "tool@1.0.1/a.bin") == [4], "all else is restored")
            try await restored.database.close()
        }
    }

    @Test("a backup that was damaged is noticed when it is restored")
    func damagedBackup() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1, 2, 3], as: "tool@1.0.0/a.bin")
            let key = try #require(try await fixture.record(of: "tool@1.0.0/a.bin")).blob.key
            _ = try await backUp(fixture)
            try Data([1, 2, 4]).write(to: URL(filePath: "\(fixture.directory)/backup/blobs/\(key.path)"))
            let (restored, lost) = try await restore(fixture)
            #expect(lost.map(\.isDamaged) == [true])
            #expect(try await restored.check().map(\.kind) == [.missing], "no wrong byte is restored")
            try await restored.database.close()
        }
    }

    @Test("a backup under load holds all that was acknowledged before it began, and passes a check")
    func underLoad() async throws {
        try await PublishFixture.run { fixture in
            let load = Load(fixture, seed: 0x5EED_0B0B)
            for number in 0..<30 { try await fixture.publish([UInt8(number), 255], as: "before@1.0.\(number)/a.bin") }
            try await load.run(for: .seconds(2)) {
                for _ in 0..<3 { _ = try await backUp(fixture) }
            }
            let (restored, lost) = try await restore(fixture)
            #expect(lost.isEmpty)
            for number in 0..<30 {
                #expect(try await restored.content(of: "before@1.0.\(number)/a.bin") == [UInt8(number), 255])
            }
            #expect(try await restored.check().map(\.description) == [])
            try await restored.database.close()
        }
    }

    @Test("content moves to another store while it is served, and the new store has all of it")
    func migrate() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<20 { try await fixture.publish([UInt8(number)], as: "tool@1.0.\(number)/a.bin") }
            try await fixture.damage("tool@1.0.7/a.bin", replacement: [77])
            let current = try await BlobBackend.local.open(try Self.folder(fixture, "new"))
            let stores = FallbackBlobStore(current: current, earlier: fixture.blobs)
            let migrate = MigrateContent(
                metadata: fixture.metadata,
                from: fixture.blobs,
                to: current,
                staging: fixture.staging
            )
            let upload = fixture.uploadFile(blobs: stores)
            _ = try await upload(fixture.request("fresh@1.0.0/a.bin"), from: Body([100]))
            #expect(try await fixture.keysInStore().count == 20, "new content goes into the new store")
            for number in 0..<20 where number != 7 {
                let blob = try #require(try await fixture.record(of: "tool@1.0.\(number)/a.bin")).blob
                #expect(try await stores.open(blob.key).bytes() == [UInt8(number)])
            }
            var problems: [String] = []
            let summary = try await migrate.run { problems.append("\($0)") }
            #expect(summary.copied == 19 && summary.present == 1 && summary.problems == 1)
            #expect(problems.count == 1 && problems[0].contains("alice/tool@1.0.7/a.bin"), "\(problems)")
            let again = try await migrate.run { _ in }
            #expect(again.copied == 0 && again.present == 20)
            let keys = try await fixture.keysInDatabase().compactMap { BlobKey($0) }
            for key in keys where key != (try await fixture.record(of: "tool@1.0.7/a.bin")?.blob.key) {
                #expect(try await current.sizeInBytes(of: key) == 1)
            }
        }
    }

    @Test("a move that is cut off anywhere is taken up again")
    func migrateResumes() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<6 { try await fixture.publish([UInt8(number)], as: "tool@1.0.\(number)/a.bin") }
            let current = try await BlobBackend.local.open(try Self.folder(fixture, "new"))
            for step in 0..<12 {
                let steps = Steps(at: step, .fail(BlobStoreError(.unavailable, "a test's error")))
                _ = try? await MigrateContent(
                    metadata: fixture.metadata,
                    from: fixture.blobs,
                    to: SteppedBlobStore(base: current, steps: steps),
                    staging: fixture.staging
                ).run { _ in }
            }
            let summary = try await MigrateContent(
                metadata: fixture.metadata,
                from: fixture.blobs,
                to: current,
                staging: fixture.staging
            ).run { _ in }
            #expect(summary.present + summary.copied == 6 && summary.problems == 0)
            for number in 0..<6 {
                let blob = try #require(try await fixture.record(of: "tool@1.0.\(number)/a.bin")).blob
                #expect(try await current.open(blob.key).bytes() == [UInt8(number)])
            }
        }
    }

    private static func folder(_ fixture: PublishFixture, _ name: String) throws -> String {
        try LocalDirectory.create("\(fixture.directory)/\(name)")
        return "\(fixture.directory)/\(name)"
    }
}
