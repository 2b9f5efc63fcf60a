// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Drafts", .timeLimit(.minutes(15)))
struct DraftTests {
    private static let names = ["a.bin", "b.bin", "c.bin"]

    private func bytes(_ name: String) -> [UInt8] { Array("content of \(name)".utf8) }

    private func fill(
        _ version: String,
        in fixture: PublishFixture,
        contract: PublishContract = .current,
        quotas: Quotas = Quotas()
    ) async throws {
        for name in Self.names {
            try await fixture.draft(bytes(name), as: "\(version)/\(name)", contract: contract, quotas: quotas)
        }
    }

    private var manifest: [FileName: Digest] {
        get throws {
            Dictionary(uniqueKeysWithValues: try Self.names.map { (try FileName($0), try .sha256(of: bytes($0))) })
        }
    }

    @Test("nothing is visible before the act, and everything after it", arguments: PublishContract.Name.allCases)
    func allAtOnce(_ name: PublishContract.Name) async throws {
        try await PublishFixture.run { fixture in
            let contract = PublishContract(name)
            try await fill("tool@1.0.0", in: fixture, contract: contract)
            let version = try fixture.coordinate("tool@1.0.0/a").versionCoordinate
            #expect(try await fixture.metadata.packages.versionWithFiles(version, owner: fixture.owner.id) == nil)
            #expect(
                try await fixture.metadata.packages.packages(owner: fixture.owner.id, after: nil, limit: 10).isEmpty
            )
            // What a draft has is not garbage.
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.release("tool@1.0.0", contract: contract, files: manifest) == .published)
            for name in Self.names { #expect(try await fixture.content(of: "tool@1.0.0/\(name)") == bytes(name)) }
            #expect(try await fixture.release("tool@1.0.0", contract: contract, files: manifest) == .unchanged)
            await #expect(throws: RegistryError.self) { try await fixture.release("tool@1.0.0", contract: contract) }
            let usage = try await fixture.usage()
            #expect(usage.versionCount == 1 && usage.fileCount == 3 && usage.reservedSize == 0)
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
            try await fixture.expectRightCounts()
        }
    }

    @Test("a draft that has other files than were named is not published, and the refusal tells the difference")
    func differs() async throws {
        try await PublishFixture.run { fixture in
            try await fill("tool@1.0.0", in: fixture)
            var named = try manifest
            named[try FileName("a.bin")] = nil
            named[try FileName("b.bin")] = try .sha256(of: [1])
            named[try FileName("d.bin")] = try .sha256(of: [1])
            let error = await #expect(throws: RegistryError.self) {
                try await fixture.release("tool@1.0.0", files: named)
            }
            let message = try #require(error?.message)
            for part in ["missing: d.bin", "not named: a.bin", "with different content: b.bin"] {
                #expect(message.contains(part), "\(message)")
            }
            #expect(try await fixture.release("tool@1.0.0", files: manifest) == .published)
        }
    }

    @Test("a file is replaced or taken out, and the draft goes with its last file")
    func changes() async throws {
        try await PublishFixture.run { fixture in
            try await fill("tool@1.0.0", in: fixture)
            try await fixture.draft([7], as: "tool@1.0.0/A.bin")
            let version = try fixture.coordinate("tool@1.0.0/a").versionCoordinate
            let found = try await fixture.releases.draft(of: version, owner: fixture.owner)
            #expect(found.files.first.map(\.name.text) == ["A.bin", "b.bin", "c.bin"])
            #expect(found.draft.sizeInBytes == 1 + 2 * Int64(bytes("b.bin").count))
            #expect(try await fixture.usage().reservedSize == found.draft.sizeInBytes)
            for name in Self.names {
                try await fixture.releases.remove(fixture.coordinate("tool@1.0.0/\(name)"), owner: fixture.owner)
            }
            await #expect(throws: RegistryError.self) {
                _ = try await fixture.releases.draft(of: version, owner: fixture.owner)
            }
            #expect(try await fixture.usage() == Usage())
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.keysInStore().isEmpty)
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("under the current contract its files join a version, unless one is there with other bytes")
    func joins() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish(bytes("a.bin"), as: "tool@1.0.0/a.bin")
            try await fixture.publish([9], as: "tool@1.0.0/z.bin")
            try await fill("tool@1.0.0", in: fixture)
            #expect(try await fixture.usage().reservedVersionCount == 0)
            #expect(try await fixture.release("tool@1.0.0") == .published)
            #expect(try await fixture.usage().fileCount == 4)
            for name in ["p.bin", "q.bin"] { try await fixture.draft([1], as: "tool@1.0.0/\(name)") }
            try await fixture.publish([2], as: "tool@1.0.0/q.bin")
            let error = await #expect(throws: RegistryError.self) { try await fixture.release("tool@1.0.0") }
            guard error?.code == .alreadyExists else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await fixture.record(of: "tool@1.0.0/p.bin") == nil)
            try await fixture.expectRightCounts()
        }
    }

    @Test("of a draft and a publish of one version, one wins; the draft stays when it does not")
    func race() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<12 {
                let version = "tool@1.0.\(number)"
                try await fill(version, in: fixture, contract: .documented)
                async let plain = try? await fixture.publish([1], as: "\(version)/a.bin", contract: .documented)
                async let first = try? await fixture.release(version, contract: .documented)
                async let second = try? await fixture.release(version, contract: .documented)
                let winners = await [plain != nil, first != nil, second != nil].filter { $0 }.count
                #expect(winners == 1)
                let files = try await fixture.metadata.packages.versionWithFiles(
                    fixture.coordinate("\(version)/a").versionCoordinate,
                    owner: fixture.owner.id
                )?.files.count
                #expect(files == 1 || files == 3)
                let drafts = try await fixture.releases.drafts(of: fixture.owner, after: nil, limit: 100)
                #expect(drafts.contains { $0.version.text == "1.0.\(number)" } == (files == 1))
            }
            try await fixture.expectRightCounts()
        }
    }

    @Test("drafts take room, exactly, and publishing one takes no more")
    func room() async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.owner = Quota(size: 100, versionCount: 2)
            let limited = quotas
            let stored = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let bytes = [UInt8](repeating: UInt8(number), count: 9)
                        let path = "tool@1.0.\(number % 2)/\(number).bin"
                        return (try? await fixture.draft(bytes, as: path, quotas: limited)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(stored == 11)
            var usage = try await fixture.usage()
            #expect(usage.reservedSize == 99 && usage.size == 0)
            await #expect(throws: RegistryError.self) {
                try await fixture.draft([1], as: "tool@3.0.0/a.bin", quotas: limited)
            }
            let releases = fixture.releases(quotas: limited)
            for draft in try await releases.drafts(of: fixture.owner, after: nil, limit: 10) {
                #expect(try await fixture.release("tool@\(draft.version)", through: releases) == .published)
            }
            usage = try await fixture.usage()
            #expect(usage.size == 99 && usage.reservedSize == 0 && usage.fileCount == 11)
            try await fixture.expectRightCounts()
        }
    }

    @Test("a draft with which nobody goes on is dropped")
    func expires() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.draft([1], as: "tool@1.0.0/a.bin")
            fixture.clock.advance(by: .seconds(20 * 24 * 3600))
            try await fixture.draft([2], as: "tool@1.0.0/b.bin")
            fixture.clock.advance(by: .seconds(20 * 24 * 3600))
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.count("SELECT COUNT(*) FROM draft_file") == 2)
            fixture.clock.advance(by: .seconds(11 * 24 * 3600))
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.count("SELECT COUNT(*) FROM draft") == 0)
            #expect(try await fixture.keysInStore().isEmpty)
        }
    }

    @Test("damaged content of a draft is named by its file, and healed by the same bytes")
    func damaged() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.draft([1, 2, 3], as: "tool@1.0.0/a.bin")
            let blob = try #require(
                try await fixture.metadata.blobIndex.blob(sha256: .sha256(of: [1, 2, 3]), sizeInBytes: 3)
            )
            let use = try await fixture.metadata.blobIndex.use(ofBlob: blob.id, limit: 10)
            #expect(use.count == 1 && use.paths == ["alice/tool@1.0.0/a.bin"])
            try await fixture.blobs.remove(blob.key)
            try await fixture.draft([1, 2, 3], as: "tool@1.0.0/a.bin")
            _ = try await fixture.release("tool@1.0.0")
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == [1, 2, 3])
        }
    }

    @Test(
        "at whatever step the act fails or the process dies, all of a draft is visible or nothing",
        arguments: [true, false]
    )
    func everyStep(dies: Bool) async throws {
        try await PublishFixture.run { fixture in
            for step in 0..<10 {
                let version = "tool@1.0.\(step)"
                try await fill(version, in: fixture)
                let gate = Gate()
                let steps = Steps(at: step, dies ? .freeze(gate) : .fail(SQLError(.outcomeUnknown, "a test's error")))
                let releases = fixture.releases(database: SteppedDatabase(base: fixture.database, steps: steps))
                async let act = publish(version, fixture, releases, finally: gate.open)
                if dies { await gate.waitForArrival() } else { _ = await act }
                let visible = try await fixture.metadata.packages.versionWithFiles(
                    fixture.coordinate("\(version)/a").versionCoordinate,
                    owner: fixture.owner.id
                )?.files.count
                #expect(visible == nil || visible == 3, "\(steps.log)")
                _ = try await fixture.collectGarbage.run()
                // The client whose answer was lost asks once more.
                _ = try await fixture.release(version, files: manifest)
                for name in Self.names { #expect(try await fixture.content(of: "\(version)/\(name)") == bytes(name)) }
                gate.open()
                _ = await act
            }
            try await fixture.expectRightCounts()
        }
    }

    private func publish(
        _ version: String,
        _ fixture: PublishFixture,
        _ releases: Releases,
        finally end: @Sendable () -> Void
    ) async -> Releases.Outcome? {
        defer { end() }
        return try? await fixture.release(version, files: manifest, through: releases)
    }
}
