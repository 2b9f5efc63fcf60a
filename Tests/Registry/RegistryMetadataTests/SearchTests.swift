// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

/// The search over all owners.
@Suite("Search", .timeLimit(.minutes(15)))
struct SearchTests {
    /// Owners of each kind and visibility, each with the same packages.
    private struct World {
        let metadata: Metadata
        var accounts: [String: Account] = [:]

        static let owners = ["closed", "founder", "limited", "members", "open", "vault"]
        static let packages = ["tool", "Tool-Kit", "other", "t_ol", "a+b"]

        init(_ metadata: Metadata) async throws {
            self.metadata = metadata
            let people: [(String, Visibility)] = [
                ("founder", .public), ("open", .public), ("limited", .limited), ("closed", .private),
                ("stranger", .public),
                ("member", .public),
            ]
            for (name, visibility) in people { accounts[name] = try await metadata.addUser(name, visibility) }
            accounts["admin"] = try await metadata.addUser("admin", isAdministrator: true)
            for (name, visibility) in [("members", Visibility.limited), ("vault", .private)] {
                let organization = try await metadata.addOrganization(name, of: "founder", visibility)
                let crew = NewTeam(name: try TeamName("crew"), packages: .none)
                _ = try await metadata.organizations.createTeam(crew, in: organization)
                let team = try #require(try await metadata.organizations.team(crew.name, of: organization))
                _ = try await metadata.organizations.addMember(try #require(accounts["member"]).id, to: team.id)
            }
            for owner in Self.owners {
                for package in Self.packages { try await metadata.publish(package, "1.0.0", of: owner) }
            }
            try await metadata.publish("tool", "2.0.0", of: "open", file: "other.bin", content: "other")
        }

        func caller(_ name: String) -> Caller {
            accounts[name].map { .account($0, token: nil) } ?? .anonymous
        }

        /// What is found, read in pages.
        func packages(
            _ viewer: String,
            owner: String? = nil,
            name: String? = nil,
            text: String = "",
            by size: Int = 100
        ) async throws -> [String] {
            let search = try search(viewer, owner, name, text)
            var found: [String] = []
            var place: FoundPackage.Place?
            while true {
                let page = try await metadata.search.packages(search, after: place, limit: size)
                guard let last = page.last else { return found }
                found += page.map { "\($0.owner)/\($0.package.name)" }
                place = last.place
            }
        }

        func files(_ viewer: String, _ content: String, owner: String? = nil, name: String? = nil, text: String = "")
            async throws -> [String]
        {
            let search = try search(viewer, owner, name, text)
            let sha256 = try Digest.sha256(of: Array(content.utf8))
            var found: [String] = []
            var id: Int64?
            while true {
                let page = try await metadata.search.files(sha256: sha256, search, after: id, limit: 2)
                guard let last = page.last else { return found }
                found += page.map(\.coordinate.description)
                id = last.id
            }
        }

        private func search(_ viewer: String, _ owner: String?, _ name: String?, _ text: String) throws -> PackageSearch
        {
            PackageSearch(
                owner: try owner.map { try OwnerName($0) },
                name: try name.map { try PackageName($0) },
                text: text,
                seenBy: caller(viewer)
            )
        }
    }

    static let seen: [(String, [String])] = [
        ("anonymous", ["founder", "open"]),
        ("stranger", ["founder", "limited", "members", "open"]),
        ("closed", ["closed", "founder", "limited", "members", "open"]),
        ("member", ["founder", "limited", "members", "open", "vault"]),
        ("founder", ["founder", "limited", "members", "open", "vault"]),
        ("admin", World.owners),
    ]

    @Test("a search finds what the caller may see, and nothing else", arguments: DatabaseBackend.available)
    func visibility(_ backend: DatabaseBackend) async throws {
        try await Metadata.run(backend) { metadata, _ in
            let world = try await World(metadata)
            for (viewer, owners) in Self.seen {
                let found = try await world.packages(viewer)
                #expect(Set(found).count == found.count)
                #expect(
                    Set(found) == Set(owners.flatMap { owner in World.packages.map { "\(owner)/\($0)" } }),
                    "\(viewer)"
                )
                #expect(
                    try await world.packages(viewer, name: "TOOL").sorted() == owners.map { "\($0)/tool" },
                    "\(viewer)"
                )
                let files = try await world.files(viewer, "x", name: "tool")
                #expect(files.sorted() == owners.map { "\($0)/tool@1.0.0/file.bin" }, "\(viewer)")
                for owner in World.owners + ["nobody"] {
                    let isSeen = owners.contains(owner)
                    let expected = isSeen ? ["a+b", "other", "t_ol", "tool", "Tool-Kit"].map { "\(owner)/\($0)" } : []
                    #expect(
                        try await world.packages(viewer, owner: owner.uppercased()) == expected,
                        "\(viewer) \(owner)"
                    )
                    #expect(try await world.packages(viewer, owner: owner, name: "tool").count == (isSeen ? 1 : 0))
                    #expect(try await world.files(viewer, "x", owner: owner).count == (isSeen ? 5 : 0))
                }
            }
        }
    }

    @Test(
        "a part of a name is taken literally, in any letter case, whatever the pages",
        arguments: DatabaseBackend.available
    )
    func texts(_ backend: DatabaseBackend) async throws {
        try await Metadata.run(backend) { metadata, _ in
            let world = try await World(metadata)
            let texts: [(String, [String])] = [
                ("OOL", ["tool", "Tool-Kit"]), ("t_ol", ["t_ol"]), ("_", ["t_ol"]), ("%", []), ("\\", []), ("!", []),
                ("+", ["a+b"]),
                ("-k", ["Tool-Kit"]), ("", ["a+b", "other", "t_ol", "tool", "Tool-Kit"]),
            ]
            for (text, expected) in texts {
                for size in [1, 2, 100] {
                    let all = try await world.packages("anonymous", text: text, by: size)
                    // By names, and of one name by age.
                    #expect(all == expected.flatMap { ["founder/\($0)", "open/\($0)"] }, "\(text) \(size)")
                    let own = try await world.packages("anonymous", owner: "open", text: text, by: size)
                    #expect(own == expected.map { "open/\($0)" }, "\(text) \(size)")
                }
                #expect(try await world.files("anonymous", "x", text: text).count == 2 * expected.count, "\(text)")
            }
            #expect(try await world.files("anonymous", "other") == ["open/tool@2.0.0/other.bin"])
            #expect(try await world.files("anonymous", "other", name: "t_ol") == [])
            #expect(try await world.files("anonymous", "never published") == [])
            let found = try await metadata.search.packages(
                PackageSearch(owner: OwnerName("open"), name: PackageName("tool"), text: "", seenBy: .anonymous),
                after: nil,
                limit: 10
            )
            #expect(found.map(\.package.latestVersion?.text) == ["2.0.0"] && found.first?.package.versionCount == 2)
        }
    }

    @Test("a token for public owners finds only theirs", arguments: DatabaseBackend.available)
    func publicOnly(_ backend: DatabaseBackend) async throws {
        try await Metadata.run(backend) { metadata, _ in
            let world = try await World(metadata)
            let token = UsedToken(id: 1, scopes: ScopeSet([.all, .publicOnly]))
            let caller = Caller.account(try #require(world.accounts["admin"]), token: token)
            let search = PackageSearch(owner: nil, name: try PackageName("tool"), text: "", seenBy: caller)
            let found = try await metadata.search.packages(search, after: nil, limit: 100)
            #expect(found.map(\.owner.text) == ["founder", "open"])
        }
    }
}
