// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Checking a registry", .timeLimit(.minutes(15)))
struct CheckRegistryTests {
    private static let bytes = [UInt8](repeating: 7, count: 300_000)
    private static let path = "tool@1.0.0/a.bin"

    /// Planted damage and what a check must call it.
    enum Damage: String, CaseIterable, Sendable {
        case deleted, emptied, cutOff, extended, firstByte, lastByte, otherContent

        var kind: CheckRegistry.Problem.Kind {
            switch self {
            case .deleted: .missing
            case .emptied, .cutOff, .extended: .truncated
            case .firstByte, .lastByte, .otherContent: .corrupt
            }
        }

        var isSeenQuickly: Bool { kind != .corrupt }

        func damaged(_ bytes: [UInt8]) -> [UInt8]? {
            var bytes = bytes
            switch self {
            case .deleted: return nil
            case .emptied: bytes = []
            case .cutOff: bytes.removeLast()
            case .extended: bytes.append(7)
            case .firstByte: bytes[0] ^= 1
            case .lastByte: bytes[bytes.count - 1] ^= 128
            case .otherContent: bytes = [UInt8](repeating: 8, count: bytes.count)
            }
            return bytes
        }
    }

    /// A registry with sound content around the content under test, which two files share.
    private func run(_ body: (PublishFixture) async throws -> Void) async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<4 { try await fixture.publish([UInt8(number)], as: "sound@1.0.\(number)/s.bin") }
            try await fixture.publish(Self.bytes, as: Self.path)
            try await fixture.publish(Self.bytes, as: "copy@2.0.0/b.bin")
            try await body(fixture)
        }
    }

    @Test("a sound registry has no problems, also after deletes and a collection")
    func sound() async throws {
        try await run { fixture in
            _ = try await fixture.completeDigests.run()
            #expect(try await fixture.check().isEmpty)
            try await fixture.delete("sound@1.0.0/s.bin")
            #expect(try await fixture.check().isEmpty)
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.check().isEmpty)
            #expect(try await fixture.check(quick: true).isEmpty)
        }
    }

    @Test("damaged content is found and named with its files", arguments: Damage.allCases)
    func found(_ damage: Damage) async throws {
        try await run { fixture in
            try await fixture.damage(Self.path, replacement: damage.damaged(Self.bytes))
            let problems = try await fixture.check()
            #expect(problems.map(\.kind) == [damage.kind])
            #expect(problems.first?.subject == "blob \(try Digest.sha256(of: Self.bytes))")
            #expect(problems.first?.use.paths == ["alice/tool@1.0.0/a.bin", "alice/copy@2.0.0/b.bin"])
            #expect(problems.first?.isRepaired == false)
            #expect(try await fixture.check(quick: true).count == (damage.isSeenQuickly ? 1 : 0))
        }
    }

    @Test("two contents that were swapped are both found")
    func swapped() async throws {
        try await run { fixture in
            let other = [UInt8](repeating: 9, count: Self.bytes.count)
            try await fixture.publish(other, as: "other@1.0.0/o.bin")
            try await fixture.damage(Self.path, replacement: other)
            try await fixture.damage("other@1.0.0/o.bin", replacement: Self.bytes)
            #expect(try await fixture.check().map(\.kind) == [.corrupt, .corrupt])
        }
    }

    @Test(
        "a repair sets damaged content aside: it is not served, and publishing the right bytes heals it",
        arguments: [Damage.cutOff, .extended, .firstByte, .lastByte],
        [true, false]
    )
    func repair(_ damage: Damage, asNewFile: Bool) async throws {
        try await run { fixture in
            let damaged = damage.damaged(Self.bytes)
            try await fixture.damage(Self.path, replacement: damaged)
            let old = try #require(try await fixture.record(of: Self.path)).blob.key
            let problems = try await fixture.check(repair: true)
            #expect(problems.map(\.kind) == [damage.kind] && problems.allSatisfy(\.isRepaired))
            let error = await #expect(throws: BlobStoreError.self) { _ = try await fixture.content(of: Self.path) }
            #expect(error?.code == .missing)
            #expect(try await fixture.blobs.open(old).bytes() == damaged, "nothing is lost")
            #expect(try await fixture.check().map(\.kind) == [.quarantined])

            let outcome = try await fixture.publish(Self.bytes, as: asNewFile ? "tool@3.0.0/c.bin" : Self.path)
            let sha256 = try Digest.sha256(of: Self.bytes)
            #expect(outcome == (asNewFile ? .created(sha256: sha256) : .unchanged(sha256: sha256)))
            #expect(try await fixture.content(of: Self.path) == Self.bytes)
            #expect(try await fixture.content(of: "copy@2.0.0/b.bin") == Self.bytes)
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.check().isEmpty)
            #expect(try await fixture.blobs.sizeInBytes(of: old) == nil, "what was set aside goes when it is healed")
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("content that was set aside goes with its last file")
    func quarantinedAndDeleted() async throws {
        try await run { fixture in
            try await fixture.damage(Self.path, replacement: [1])
            _ = try await fixture.check(repair: true)
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.removeOrphans.run(grace: .zero).orphans == 0, "it is kept until then")
            #expect(try await fixture.keysInStore().count == 5)
            try await fixture.delete(Self.path)
            try await fixture.delete("copy@2.0.0/b.bin")
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("rows that nothing refers to, wrong counts and unknown content are found and repaired")
    func rows() async throws {
        try await run { fixture in
            let key = try await StagingPlace(fixture.directory + "/place").commit([5, 5], to: fixture.blobs)
            try await fixture.database.write { connection in
                _ = try connection.execute("DELETE FROM file WHERE name = 's.bin' AND id = 1")
                _ = try connection.execute("UPDATE package SET version_count = 7 WHERE name = 'copy'")
                _ = try connection.execute(
                    """
                    INSERT INTO package (owner_id, name, lower_name, version_count, created_at)
                    VALUES (1, 'bare', 'bare', 0, 0)
                    """
                )
            }
            let problems = try await fixture.check(repair: true)
            #expect(Set(problems.map(\.kind)) == [.orphaned, .forgotten, .empty, .miscounted])
            #expect(problems.contains { $0.key == key })
            let counts = problems.filter { $0.kind == .miscounted }.map(\.subject)
            #expect(
                counts == ["package alice/sound", "package alice/copy", "owner alice", "total of all owners"]
            )
            let subjects = problems.filter { $0.kind == .empty }.map(\.subject)
            #expect(subjects == ["version alice/sound@1.0.0", "package alice/bare"])
            _ = try await fixture.check(repair: true)
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.check().map(\.description) == [])
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("wrong digests in the database are found and corrected")
    func digests() async throws {
        try await run { fixture in
            _ = try await fixture.completeDigests.run()
            try await fixture.database.write { connection in
                _ = try connection.execute("UPDATE blob SET sha512 = (SELECT sha512 FROM blob ORDER BY id LIMIT 1)")
            }
            let problems = try await fixture.check(repair: true)
            #expect(problems.count == 4, "one of five is right")
            #expect(problems.allSatisfy { $0.kind == .digests && $0.isRepaired })
            #expect(try await fixture.check().isEmpty)
        }
    }

    @Test("a check goes on where another one was interrupted")
    func resumed() async throws {
        try await run { fixture in
            let keys = try await fixture.keysInDatabase().compactMap { BlobKey($0) }.sorted()
            for number in 0..<4 { try await fixture.damage("sound@1.0.\(number)/s.bin", replacement: [1, 2]) }
            try await fixture.damage(Self.path, replacement: nil)
            #expect(try await fixture.check().count == 5)
            #expect(try await fixture.check(after: keys[2]).compactMap(\.key) == Array(keys[3...]))
        }
    }

    @Test("what is deleted or healed while it is checked is no problem")
    func deletedMeanwhile() async throws {
        try await run { fixture in
            let store = InterferingStore(base: fixture.blobs) { key in
                guard key.text.hasPrefix(try Digest.sha256(of: Self.bytes).hex) else { return }
                try? await fixture.delete(Self.path)
                try? await fixture.delete("copy@2.0.0/b.bin")
                _ = try await fixture.collectGarbage.run()
            }
            let check = CheckRegistry(metadata: fixture.metadata, blobs: store)
            var options = CheckRegistry.Options()
            options.grace = .zero
            options.repairs = true
            var problems: [String] = []
            _ = try await check.run(options) { problems.append("\($0)") }
            #expect(problems == [])
            try await fixture.expectNothingLeftBehind()
        }
    }
}

/// A store in which something happens right before content is looked at.
private struct InterferingStore: BlobStore {
    let base: any BlobStore
    let interfere: @Sendable (BlobKey) async throws -> Void

    func commit(_ staged: StagedContent, as key: BlobKey) async throws { try await base.commit(staged, as: key) }

    func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob {
        try await base.open(key, reading: range)
    }

    func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String? { nil }

    func sizeInBytes(of key: BlobKey) async throws -> Int64? {
        try await interfere(key)
        return try await base.sizeInBytes(of: key)
    }

    func remove(_ key: BlobKey) async throws { try await base.remove(key) }

    func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent] {
        try await base.list(after: key, limit: limit)
    }

    func removeUnfinished(olderThan age: Duration) async throws -> Int { 0 }

    func checkHealth() async throws { try await base.checkHealth() }
}
