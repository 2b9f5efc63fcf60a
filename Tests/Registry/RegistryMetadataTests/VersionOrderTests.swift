// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

/// The orders of versions, which the database keeps.
@Suite("Orders of versions", .timeLimit(.minutes(15)))
struct VersionOrderTests {
    private static let tool = "tool"

    private static func fill(_ metadata: Metadata, _ versions: [String]) async throws -> Int64 {
        let founder = try await metadata.addUser("founder").id
        for version in versions { try await metadata.publish(tool, version, of: "founder") }
        return founder
    }

    private static func coordinate() throws -> PackageCoordinate {
        PackageCoordinate(owner: try OwnerName("founder"), package: try PackageName(tool))
    }

    /// All versions in the order of ranks, read in pages.
    private static func ranked(_ metadata: Metadata, _ owner: Int64, by size: Int) async throws -> [String] {
        var found: [String] = []
        var place: VersionOrder.Place?
        while true {
            let page = try await metadata.packages.versions(
                coordinate(),
                owner: owner,
                in: .semver(before: place),
                limit: size
            )
            guard let last = try #require(page).versions.last else { return found }
            found += try #require(page).versions.map(\.version.text)
            place = VersionOrder.Place(id: last.id, version: last.version)
        }
    }

    @Test(
        "versions are listed from the highest to the lowest, whatever the pages",
        arguments: DatabaseBackend.available
    )
    func semver(_ backend: DatabaseBackend) async throws {
        try await Metadata.run(backend) { metadata, _ in
            let published = [
                "nightly", "1.0.0", "10.0.0", "9.0.0", "10.0.0-rc.1", "1.0.0+b", "2.0", "10.0.0-rc.10", "10.0.0-rc.9",
                "0.0.0-0", "snapshot",
            ]
            let owner = try await Self.fill(metadata, published)
            let expected = [
                "10.0.0", "10.0.0-rc.10", "10.0.0-rc.9", "10.0.0-rc.1", "9.0.0", "1.0.0+b", "1.0.0", "0.0.0-0",
                "snapshot",
                "2.0", "nightly",
            ]
            for size in [1, 2, 3, 100] { #expect(try await Self.ranked(metadata, owner, by: size) == expected) }
        }
    }

    static let latestVersions: [([String], String)] = [
        (["1.0.0"], "1.0.0"),
        (["9.0.0", "10.0.0", "2.0.0"], "10.0.0"),
        (["1.0.0", "2.0.0-rc.1"], "1.0.0"),
        (["1.0.0-alpha", "1.0.0-beta.11", "1.0.0-beta.2"], "1.0.0-beta.11"),
        (["1.0.0+a", "1.0.0+b"], "1.0.0+b"),
        (["nightly", "1.2.3", "snapshot"], "1.2.3"),
        (["nightly", "1.2.3-rc", "snapshot"], "1.2.3-rc"),
        (["2024-01", "2023-12"], "2023-12"),
        (["1.0", "v2.0.0"], "v2.0.0"),
        (["18446744073709551616.0.0", "9.0.0"], "18446744073709551616.0.0"),
    ]

    @Test(
        "the latest is the highest release by SemVer, else the highest pre-release, else the last one",
        arguments: DatabaseBackend.available,
        latestVersions
    )
    func latest(_ backend: DatabaseBackend, _ row: ([String], String)) async throws {
        try await Metadata.run(backend) { metadata, _ in
            let owner = try await Self.fill(metadata, row.0)
            let entry = try await metadata.search.latestVersionEntry(of: Self.coordinate(), owner: owner)
            #expect(entry?.version.text == row.1)
            let packages = try await metadata.packages.packages(owner: owner, after: nil, limit: 10)
            #expect(packages.map(\.latestVersion?.text) == [row.1])
            // What was latest may go.
            let latest = VersionCoordinate(
                owner: try OwnerName("founder"),
                package: try PackageName(Self.tool),
                version: try PackageVersion(row.1)
            )
            #expect(try await metadata.packages.deleteVersion(latest, owner: owner))
            let next = try await metadata.search.latestVersionEntry(of: Self.coordinate(), owner: owner)
            #expect((next == nil) == (row.0.count == 1) && next?.version.text != row.1)
        }
    }

    @Test("versions of a program without ranks get theirs at the next start", arguments: DatabaseBackend.available)
    func backfill(_ backend: DatabaseBackend) async throws {
        try await Metadata.run(backend) { metadata, database in
            // More than one batch.
            let versions = (0..<1005).map { "1.0.\($0)" } + ["2.0.0-rc.1", "odd"]
            let owner = try await Self.fill(metadata, versions)
            let expected = try await Self.ranked(metadata, owner, by: 1000)
            let rows = try await Self.ranks(database)
            _ = try await database.write { connection in
                try connection.execute("UPDATE version SET owner_id = NULL, sort_key = NULL, is_release = 0")
            }
            try await metadata.schema.migrate(holder: "test") {}
            #expect(try await Self.ranks(database) == rows)
            #expect(try await Self.ranked(metadata, owner, by: 1000) == expected)
            let entry = try await metadata.search.latestVersionEntry(of: Self.coordinate(), owner: owner)
            #expect(entry?.version.text == "1.0.1004")
        }
    }

    private static func ranks(_ database: any SQLDatabase) async throws -> [SQLRow] {
        try await database.read { connection in
            try connection.query("SELECT id, owner_id, sort_key, is_release FROM version ORDER BY id")
        }
    }

    @Test("every page of a list by numbers has its rows, from either end", arguments: DatabaseBackend.available)
    func numberedPages(_ backend: DatabaseBackend) async throws {
        try await Metadata.run(backend) { metadata, _ in
            let owner = try await Self.fill(metadata, (0..<7).map { "1.0.\($0)" })
            try await metadata.publish("other", "1.0.0", of: "founder")
            try await metadata.publish("t_ol", "1.0.0", of: "founder")
            let published = (0..<7).map { "tool 1.0.\($0)" }
            let all = ["t_ol 1.0.0", "other 1.0.0"] + published.reversed()
            let texts: [(String, [String])] = [
                ("", all), ("TOOL", published.reversed()), ("O", all), ("_", ["t_ol 1.0.0"]), ("%", []), ("!", []),
            ]
            for size in [1, 2, 4, 9, 50] {
                for (text, expected) in texts {
                    for offset in 0...(expected.count + 1) {
                        let page = try await metadata.search.versionEntries(
                            owner: owner,
                            packagesMatching: text,
                            page: ListPage(offset: offset, limit: size)
                        )
                        #expect(page.total == Int64(expected.count), "\(text)")
                        let rows = page.rows.map { "\($0.package) \($0.version)" }
                        #expect(rows == Array(expected.dropFirst(offset).prefix(size)), "\(text) \(offset) \(size)")
                    }
                }
                for offset in 0...8 {
                    let page = try await metadata.search.versionEntries(
                        of: Self.coordinate(),
                        owner: owner,
                        page: ListPage(offset: offset, limit: size)
                    )
                    let rows = try #require(page).rows.map { "\($0.package) \($0.version)" }
                    #expect(rows == Array(published.reversed().dropFirst(offset).prefix(size)), "\(offset) \(size)")
                    #expect(page?.total == 7)
                }
            }
        }
    }
}
