// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

/// Lists cost the same number of statements however long they are.
@Suite("Lists", .timeLimit(.minutes(15)))
struct ListingTests {
    private static let page = ListPage(offset: 0, limit: 50)

    @Test("a list of fifty costs as many statements as a list of one", arguments: DatabaseBackend.available)
    func constantStatements(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            try await Self.fill(metadata, 0..<1)
            let few = try await Self.costs(metadata, recorder, rows: 1)
            try await Self.fill(metadata, 1..<60)
            let many = try await Self.costs(metadata, recorder, rows: 50)
            #expect(few == many)
            #expect(many.allSatisfy { $0 <= 4 }, "\(many)")
        }
    }

    /// How many statements each list takes.
    private static func costs(
        _ metadata: Metadata,
        _ recorder: RecordingDatabase,
        rows: Int
    ) async throws -> [Int] {
        let everybody = VisibleOwners.users(seenBy: .anonymous)
        let organizations = VisibleOwners.organizations(seenBy: .anonymous)
        let founder = try #require(try await metadata.accounts.user(OwnerName("founder"))).account.id
        let acme = try #require(try await metadata.accounts.owner(OwnerName("org-0"), seenBy: nil)).owner.id
        let package = PackageCoordinate(owner: try OwnerName("founder"), package: try PackageName("tool"))
        let team = try #require(
            try await metadata.organizations.teams(of: acme, matching: "team-0", page: page).rows.first
        )
        let manyFiles = VersionCoordinate(
            owner: package.owner,
            package: try PackageName("many"),
            version: try PackageVersion("1.0.0")
        )
        let content = try Digest.sha256(of: Array("same".utf8))
        let anything = PackageSearch(owner: nil, name: nil, text: "", seenBy: .anonymous)
        let owned = PackageSearch(owner: package.owner, name: nil, text: "", seenBy: .anonymous)
        let lists: [@Sendable () async throws -> Int?] = [
            { try await metadata.accounts.users(everybody, page: page).rows.count },
            {
                try await metadata.accounts.users(everybody, matching: "user-", showsAddresses: true, page: page).rows
                    .count
            },
            { try await metadata.organizations.organizations(organizations, page: page).rows.count },
            {
                try await metadata.organizations.organizations(organizations, withMember: founder, page: page).rows
                    .count
            },
            { try await metadata.organizations.members(ofOrganization: acme, page: page).rows.count },
            { try await metadata.organizations.members(ofTeam: team.id, page: page).rows.count },
            { try await metadata.organizations.teams(of: acme, page: page).rows.count },
            { try await metadata.organizations.teams(withMember: founder, page: page).rows.count },
            { try await metadata.credentials.tokens(of: founder, page: page).rows.count },
            { try await metadata.search.versionEntries(owner: founder, packagesMatching: "", page: page).rows.count },
            {
                try await metadata.search.versionEntries(owner: founder, packagesMatching: "TOO", page: page).rows.count
            },
            { try await metadata.search.versionEntries(of: package, owner: founder, page: page)?.rows.count },
            {
                try await metadata.packages.versions(package, owner: founder, in: .published(before: nil), limit: 50)?
                    .versions
                    .count
            },
            {
                try await metadata.packages.versions(package, owner: founder, in: .semver(before: nil), limit: 50)?
                    .versions
                    .count
            },
            { try await metadata.packages.packages(owner: founder, after: nil, limit: 50).count },
            { try await metadata.search.packages(anything, after: nil, limit: 50).count },
            { try await metadata.search.packages(owned, after: nil, limit: 50).count },
            { try await metadata.search.files(sha256: content, anything, after: nil, limit: 50).count },
            { try await metadata.packages.versionWithFiles(manyFiles, owner: founder)?.files.count },
            { try await metadata.accounts.users(after: nil, limit: 50).count },
            { try await metadata.organizations.organizations(after: nil, limit: 50).count },
            { try await metadata.credentials.tokens(of: founder, after: nil, limit: 50).count },
        ]
        _ = recorder.takeStatements()
        var costs: [Int] = []
        for (index, list) in lists.enumerated() {
            let count = try #require(try await list())
            #expect(count >= rows, "list \(index)")
            costs.append(recorder.takeStatements().count)
        }
        return costs
    }

    private static func fill(_ metadata: Metadata, _ numbers: Range<Int>) async throws {
        if numbers.lowerBound == 0 { try await metadata.addUser("founder") }
        let founder = try #require(try await metadata.accounts.user(OwnerName("founder"))).account.id
        for number in numbers {
            let user = try OwnerName("user-\(number)")
            let account = try await metadata.addUser(user.text)
            try await metadata.addOrganization("org-\(number)", of: "founder", .public)
            let team = NewTeam(name: try TeamName("team-\(number)"), packages: .read)
            let acme = try #require(try await metadata.organizations.organization(OwnerName("org-0"))).id
            _ = try await metadata.organizations.createTeam(team, in: acme)
            let first = try #require(try await metadata.organizations.team(TeamName("team-0"), of: acme))
            _ = try await metadata.organizations.addMember(account.id, to: first.id)
            _ = try await metadata.credentials.createToken(
                NewAccessToken(
                    account: founder,
                    name: try TokenName("token \(number)"),
                    secretSHA256: try .sha256(of: Array("\(number)".utf8)),
                    lastEight: "12345678",
                    scopes: ScopeSet([.all]),
                    lifetime: nil
                )
            )
            try await metadata.publish("tool", "1.0.\(number)", of: "founder", content: "\(number)")
            try await metadata.publish("tool-\(number)", "1.0.0", of: "founder", content: "same")
            try await metadata.publish("many", "1.0.0", of: "founder", file: "file-\(number)", content: "same")
        }
    }
}
