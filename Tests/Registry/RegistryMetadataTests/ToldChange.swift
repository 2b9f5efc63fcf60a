// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

/// An operation of a store, and what it tells everything that remembers something.
struct ToldChange: Sendable, CustomTestStringConvertible {
    /// What the operations find in the database.
    struct World: Sendable {
        let metadata: Metadata
        let founder: Account
        let alice: Account
        let acme: Int64
        let team: Int64
        let file: FileCoordinate

        init(_ metadata: Metadata) async throws {
            self.metadata = metadata
            founder = try await metadata.addUser("founder")
            alice = try await metadata.addUser("alice")
            acme = try await metadata.addOrganization("acme", of: "founder", .private)
            let build = NewTeam(name: try TeamName("build"), packages: .read)
            guard case .created(let team) = try await metadata.organizations.createTeam(build, in: acme) else {
                throw SQLError(.other, "the team was not created")
            }
            self.team = team.id
            _ = try await metadata.organizations.addMember(alice.id, to: team.id)
            try await metadata.publish("tool", "1.0.0", of: "founder")
            file = FileCoordinate(
                owner: try OwnerName("founder"),
                package: try PackageName("tool"),
                version: try PackageVersion("1.0.0"),
                file: try FileName("file.bin")
            )
            _ = try await makeToken("ci")
        }

        @discardableResult
        func makeToken(_ name: String) async throws -> Int64 {
            let token = NewAccessToken(
                account: alice.id,
                name: try TokenName(name),
                secretSHA256: try Digest.sha256(of: Array(name.utf8)),
                lastEight: "12345678",
                scopes: ScopeSet([.all]),
                lifetime: nil
            )
            guard case .created(let created) = try await metadata.credentials.createToken(token) else {
                throw SQLError(.other, "the token was not created")
            }
            return created.id
        }
    }

    let testDescription: String
    /// The change that is announced exactly once; nil for none.
    let change: Change?
    let perform: @Sendable (World) async throws -> Void

    init(_ name: String, _ change: Change?, _ perform: @escaping @Sendable (World) async throws -> Void) {
        testDescription = name
        self.change = change
        self.perform = perform
    }

    static let all = deletions + accounts + organizations + silent

    private static let deletions = [
        ToldChange("a package is deleted", .deletion) { world in
            let package = world.file.packageCoordinate
            try #require(try await world.metadata.packages.deletePackage(package, owner: world.founder.id))
        },
        ToldChange("a version is deleted", .deletion) { world in
            let version = world.file.versionCoordinate
            try #require(try await world.metadata.packages.deleteVersion(version, owner: world.founder.id))
        },
        ToldChange("a file is deleted", .deletion) { world in
            try #require(try await world.metadata.packages.deleteFile(world.file, owner: world.founder.id))
        },
        ToldChange("content is quarantined", .deletion) { world in
            let found = try await world.metadata.packages.file(world.file, owner: world.founder.id)
            try #require(try await world.metadata.blobIndex.quarantine(try #require(found).blob))
        },
    ]

    private static let accounts = [
        ToldChange("a user is created, whose name may have led to another owner", .access) { world in
            try await world.metadata.addUser("bob")
        },
        ToldChange("a user is changed", .access) { world in
            var change = UserChange()
            change.isActive = false
            _ = try await world.metadata.accounts.updateUser(world.alice.id, change)
        },
        ToldChange("a user is removed", .access) { world in
            try #require(try await world.metadata.accounts.removeUser(world.alice.id) == .removed)
        },
        ToldChange("an owner is renamed", .access) { world in
            try #require(try await world.metadata.accounts.renameOwner(world.acme, to: OwnerName("acme2")) == .renamed)
        },
        ToldChange("a token is removed by its number", .access) { world in
            let token = try await world.metadata.credentials.tokens(of: world.alice.id, after: nil, limit: 1)
            let id = try #require(token.first).id
            try #require(try await world.metadata.credentials.removeToken(id: id, of: world.alice.id) == .removed)
        },
        ToldChange("a token is removed by its name", .access) { world in
            let name = try TokenName("ci")
            try #require(try await world.metadata.credentials.removeToken(name, of: world.alice.id) == .removed)
        },
    ]

    private static let organizations = [
        ToldChange("an organization is created, whose name may have led to another owner", .access) { world in
            try await world.metadata.addOrganization("initech", of: "founder", .public)
        },
        ToldChange("an organization is changed", .access) { world in
            var change = OwnerChange()
            change.visibility = .limited
            try #require(try await world.metadata.organizations.updateOrganization(world.acme, change) == .updated)
        },
        ToldChange("an organization is removed", .access) { world in
            try #require(try await world.metadata.organizations.removeOrganization(world.acme) == .removed)
        },
        ToldChange("a member leaves an organization", .access) { world in
            let stores = world.metadata.organizations
            try #require(try await stores.removeMember(world.alice.id, fromOrganization: world.acme) == .changed)
        },
        ToldChange("a member leaves a team", .access) { world in
            let stores = world.metadata.organizations
            try #require(try await stores.removeMember(world.alice.id, from: world.team) == .changed)
        },
        ToldChange("a member joins a team", .access) { world in
            let stores = world.metadata.organizations
            try #require(try await stores.addMember(world.founder.id, to: world.team) == .changed)
        },
        ToldChange("a team is changed", .access) { world in
            var change = TeamChange()
            change.packages = Permission.none
            _ = try await world.metadata.organizations.updateTeam(world.team, change)
        },
        ToldChange("a team is removed", .access) { world in
            try #require(try await world.metadata.organizations.removeTeam(world.team))
        },
    ]

    /// Operations that nothing remembered depends on, and changes that are refused.
    private static let silent = [
        ToldChange("a file is published", nil) { world in
            try await world.metadata.publish("tool", "2.0.0", of: "founder")
        },
        ToldChange("downloads are counted", nil) { world in
            let found = try await world.metadata.packages.file(world.file, owner: world.founder.id)
            try await world.metadata.packages.addDownloads([try #require(found).id: 1])
        },
        ToldChange("a token is created and used", nil) { world in
            try await world.metadata.credentials.touchToken(try await world.makeToken("other"))
        },
        ToldChange("a name is taken", nil) { world in
            await #expect(throws: SQLError.self) { try await world.metadata.addUser("acme") }
        },
        ToldChange("the last owner may not leave", nil) { world in
            let stores = world.metadata.organizations
            try #require(try await stores.removeMember(world.founder.id, fromOrganization: world.acme) == .lastOwner)
        },
    ]
}
