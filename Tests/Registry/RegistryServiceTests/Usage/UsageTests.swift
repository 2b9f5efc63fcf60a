// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

/// The counts of what owners have.
@Suite("Usage", .timeLimit(.minutes(15)))
struct UsageTests {
    private func fill(_ fixture: PublishFixture) async throws {
        try await fixture.publish([1, 2, 3], as: "tool@1.0.0/a.bin")
        try await fixture.publish([1, 2, 3], as: "tool@1.0.0/b.bin")
        try await fixture.publish([1, 2, 3], as: "copy@2.0.0/a.bin")
        try await fixture.publish([4, 5], as: "copy@3.0.0/a.bin")
    }

    private static let filled: Usage = {
        var usage = Usage()
        (usage.size, usage.versionCount, usage.fileCount) = (5, 3, 4)
        return usage
    }()

    @Test("the schema's new version counts what is there already")
    func migration() async throws {
        try await PublishFixture.run { fixture in
            try await fill(fixture)
            #expect(try await fixture.usage() == Self.filled)
            try await fixture.database.write { connection in
                try connection.execute("DROP VIEW room_set_aside")
                let younger = ["draft_file", "draft", "upload_part", "upload", "reserved_version"]
                for table in younger + ["owner_blob", "usage", "reservation"] {
                    try connection.execute(SQL(migration: "DROP TABLE \(table)"))
                }
                for column in ["file_size_limit", "size_limit", "version_limit"] {
                    try connection.execute(SQL(migration: "ALTER TABLE owner DROP COLUMN \(column)"))
                }
                try connection.execute(
                    """
                    DELETE FROM schema_migration
                    WHERE name LIKE 'limits of owners%' OR name LIKE 'drafts%' OR name LIKE 'counts of what%'
                        OR name LIKE 'uploads whose size%' OR name LIKE 'reserved versions%'
                    """
                )
            }
            try await fixture.metadata.schema.migrate(holder: "test") {}
            #expect(try await fixture.usage() == Self.filled)
            #expect(try await fixture.totalUsage() == Self.filled)
            try await fixture.expectRightCounts()
            try await fixture.delete("copy@2.0.0/a.bin")
            try await fixture.expectRightCounts()
        }
    }

    @Test("deletes of files, versions, packages and owners are counted")
    func deletes() async throws {
        try await PublishFixture.run { fixture in
            try await fill(fixture)
            try await fixture.deletePackages.package(
                fixture.coordinate("copy@2.0.0/a.bin").packageCoordinate,
                owner: fixture.owner
            )
            var usage = try await fixture.usage()
            #expect(usage.size == 3 && usage.versionCount == 1 && usage.fileCount == 2)
            try await fixture.deletePackages.version(
                fixture.coordinate("tool@1.0.0/a.bin").versionCoordinate,
                owner: fixture.owner
            )
            usage = try await fixture.usage()
            #expect(usage == Usage())
            #expect(try await fixture.totalUsage() == Usage())
            try await fixture.expectRightCounts()

            try await fill(fixture)
            #expect(
                try await fixture.metadata.accounts.removeUser(fixture.owner.id, includingPackages: true) == .removed
            )
            #expect(try await fixture.totalUsage() == Usage())
            #expect(try await fixture.count("SELECT COUNT(*) FROM usage WHERE owner_id > 0") == 0)
            #expect(try await fixture.count("SELECT COUNT(*) FROM owner_blob") == 0)
            try await fixture.expectRightCounts()
        }
    }

    static let damages: [SQL] = [
        "UPDATE usage SET size = size + 7",
        "UPDATE usage SET version_count = version_count - 1 WHERE owner_id > 0",
        "UPDATE usage SET file_count = file_count + 1 WHERE owner_id = 0",
        "DELETE FROM usage",
        "DELETE FROM owner_blob",
        "UPDATE owner_blob SET file_count = file_count + 1",
        "INSERT INTO owner_blob (owner_id, blob_id, file_count) SELECT id, 77, 1 FROM owner",
    ]

    @Test("a wrong count is found, and put right by a repair", arguments: damages)
    func repair(_ damage: SQL) async throws {
        try await PublishFixture.run { fixture in
            try await fill(fixture)
            try await fixture.database.write { _ = try $0.execute(damage) }
            let problems = try await fixture.check(quick: true)
            #expect(!problems.isEmpty && problems.allSatisfy { $0.kind == .miscounted && !$0.isRepaired })
            let repaired = try await fixture.check(quick: true, repair: true)
            #expect(repaired.allSatisfy { $0.isRepaired })
            #expect(try await fixture.check(quick: true).map(\.description) == [])
            #expect(try await fixture.usage() == Self.filled)
            #expect(try await fixture.totalUsage() == Self.filled)
        }
    }

    @Test(
        "counts stay right, or are put right, while publishes, deletes and repairs go on at the same time",
        arguments: [false, true]
    )
    func load(isDamaged: Bool) async throws {
        try await PublishFixture.run { fixture in
            try await fill(fixture)
            if isDamaged { try await fixture.database.write { _ = try $0.execute("DELETE FROM owner_blob") } }
            let seed = UInt64.random(in: 0...UInt64.max)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var generator = SeededGenerator(seed: seed &+ UInt64(worker))
                        for round in 0..<25 {
                            // Of few contents, which all workers share.
                            let bytes = [UInt8](repeating: 1, count: Int.random(in: 1...5, using: &generator))
                            let path = "tool-\(worker % 3)@\(worker).\(round)/a.bin"
                            try await fixture.publish(bytes, as: path)
                            if Bool.random(using: &generator) { try await fixture.delete(path) }
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<5 {
                        let miscounted = try await fixture.metadata.checks.miscountedOwners(after: 0, limit: 10)
                        #expect(isDamaged || miscounted == [], "seed \(seed)")
                        try await fixture.metadata.checks.recountUsage(ofOwner: fixture.owner.id)
                        try await fixture.metadata.checks.recountTotal()
                    }
                }
                try await group.waitForAll()
            }
            try await fixture.expectRightCounts()
            #expect(try await fixture.usage().size <= 20)
        }
    }
}
