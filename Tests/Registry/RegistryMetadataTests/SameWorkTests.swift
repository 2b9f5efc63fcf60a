// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryTestSupport
import Testing

/// The time that an answer takes must not tell whether an owner is hidden or not there.
@Suite("Hidden owners and absent ones", .timeLimit(.minutes(15)))
struct SameWorkTests {
    @Test("one that is not there costs the same statements as one that is hidden", arguments: DatabaseBackend.available)
    func statements(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            let founder = try await metadata.addUser("founder")
            let stranger = try await metadata.addUser("stranger")
            try await metadata.addUser("hidden", .private)
            let vault = try await metadata.addOrganization("vault", of: "founder", .private)
            _ = try await metadata.accounts.renameOwner(vault, to: OwnerName("vault2"))
            try await metadata.publish("tool", "1.0.0", of: "vault2")
            for account in [nil, founder, stranger] {
                var costs: [String: [[String]]] = [:]
                for name in ["absent", "hidden", "vault", "vault2", "founder"] {
                    let owner = try OwnerName(name)
                    let file = FileCoordinate(
                        owner: owner,
                        package: try PackageName("tool"),
                        version: try PackageVersion("1.0.0"),
                        file: try FileName("file.bin")
                    )
                    _ = recorder.takeStatements()
                    _ = try await metadata.accounts.owner(owner, seenBy: account)
                    costs["owner", default: []].append(recorder.takeStatements())
                    _ = try await metadata.accounts.profile(owner, seenBy: account)
                    costs["profile", default: []].append(recorder.takeStatements())
                    _ = try await metadata.packages.download(file, seenBy: account)
                    costs["download", default: []].append(recorder.takeStatements())
                }
                for (question, statements) in costs {
                    #expect(Set(statements).count == 1, "\(question): \(statements)")
                }
                #expect(costs["owner"]?.first?.count == 1 && costs["download"]?.first?.count == 1)
            }
            // All of them are found by what they were called, and with their members' rights.
            let found = try #require(try await metadata.accounts.owner(OwnerName("vault"), seenBy: founder))
            #expect(found.owner.name.text == "vault2")
            #expect(found.access.membership == Membership(isOwner: true, packages: .write))
            #expect(try await metadata.accounts.owner(OwnerName("vault2"), seenBy: stranger)?.access.membership == nil)
        }
    }

    @Test("an unknown login costs the same statements as an existing one", arguments: DatabaseBackend.available)
    func logins(_ backend: DatabaseBackend) async throws {
        try await backend.run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            try await metadata.addUser("founder")
            for logins in [["founder", "nobody"], ["founder@example.org", "nobody@example.org"]] {
                var statements: Set<[String]> = []
                for login in logins {
                    _ = recorder.takeStatements()
                    _ = try await metadata.credentials.credential(named: login)
                    statements.insert(recorder.takeStatements())
                }
                #expect(statements.count == 1 && statements.first?.count == 1)
            }
        }
    }
}
