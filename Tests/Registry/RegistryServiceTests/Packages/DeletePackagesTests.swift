// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import Testing

@testable import RegistryService

@Suite("Deleting and listing", .timeLimit(.minutes(15)))
struct DeletePackagesTests {
    @Test("a version goes with its last file, and a package with its last version")
    func lastFile() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            try await fixture.publish([2], as: "tool@1.0.0/b.bin")
            try await fixture.publish([3], as: "tool@2.0.0/a.bin")
            try await fixture.delete("tool@1.0.0/a.bin")
            #expect(try await fixture.count("SELECT COUNT(*) FROM version") == 2)
            try await fixture.delete("tool@1.0.0/b.bin")
            #expect(try await fixture.count("SELECT COUNT(*) FROM version") == 1)
            try await fixture.delete("TOOL@2.0.0/A.BIN")
            #expect(try await fixture.count("SELECT COUNT(*) FROM package") == 0)
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("two deletes of the last two files leave no empty version")
    func parallelDeletes() async throws {
        try await PublishFixture.run { fixture in
            for round in 0..<30 {
                try await fixture.publish([1], as: "tool@1.0.\(round)/a.bin")
                try await fixture.publish([2], as: "tool@1.0.\(round)/b.bin")
                async let first: Void = fixture.delete("tool@1.0.\(round)/a.bin")
                async let second: Void = fixture.delete("tool@1.0.\(round)/b.bin")
                _ = try await (first, second)
            }
            #expect(try await fixture.count("SELECT COUNT(*) FROM version") == 0)
            #expect(try await fixture.count("SELECT COUNT(*) FROM package") == 0)
        }
    }

    @Test("of many deletes of one file one succeeds")
    func oneDelete() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let successes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask { (try? await fixture.delete("tool@1.0.0/a.bin")) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(successes == 1)
        }
    }

    @Test("a version that was deleted can be published anew")
    func publishedAnew() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin", contract: .documented)
            let version = try fixture.coordinate("tool@1.0.0/a.bin").versionCoordinate
            try await fixture.deletePackages.version(version, owner: fixture.owner)
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == nil)
            try await fixture.publish([2], as: "tool@1.0.0/a.bin", contract: .documented)
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == [2])
        }
    }

    @Test("deleting what is not there says so")
    func notThere() async throws {
        try await PublishFixture.run { fixture in
            let file = try fixture.coordinate("tool@1.0.0/a.bin")
            let missing = await #expect(throws: RegistryError.self) { try await fixture.delete("tool@1.0.0/a.bin") }
            #expect(missing?.message.contains("nothing was deleted") == true)
            await #expect(throws: RegistryError.self) {
                try await fixture.deletePackages.version(file.versionCoordinate, owner: fixture.owner)
            }
        }
    }

    @Test("lists come in pages, each version with its files and size")
    func pages() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<7 { try await fixture.publish([UInt8(number), 0], as: "tool@1.0.\(number)/a.bin") }
            try await fixture.publish([1, 2, 3], as: "tool@1.0.6/b.bin")
            try await fixture.publish([1], as: "other@1.0.0/a.bin")
            let browse = Catalog(metadata: fixture.metadata, digests: fixture.completeDigests)
            let packages = try await browse.packages(of: fixture.owner, after: nil, limit: 10)
            #expect(packages.map(\.name.text) == ["other", "tool"])
            #expect(packages.map(\.versionCount) == [1, 7])
            #expect(packages.last?.latestVersion?.text == "1.0.6")
            #expect(
                try await browse.packages(of: fixture.owner, after: "other", limit: 10).map(\.name.text) == ["tool"]
            )
            let tool = try fixture.coordinate("tool@1.0.0/a.bin").packageCoordinate
            let first = try await browse.versions(of: tool, owner: fixture.owner, in: .published(before: nil), limit: 3)
                .versions
            #expect(first.map(\.version.text) == ["1.0.6", "1.0.5", "1.0.4"])
            #expect(first.first?.fileCount == 2)
            #expect(first.first?.sizeInBytes == 5)
            let rest = try await browse.versions(
                of: tool,
                owner: fixture.owner,
                in: .published(before: first.last?.id),
                limit: 10
            )
            .versions
            #expect(rest.map(\.version.text) == ["1.0.3", "1.0.2", "1.0.1", "1.0.0"])
        }
    }
}
