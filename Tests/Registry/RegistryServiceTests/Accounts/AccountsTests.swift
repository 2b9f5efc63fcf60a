// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryTestSupport
import Testing

@Suite("Accounts", .timeLimit(.minutes(15)))
struct AccountsTests {
    @Test("of two creations of one name, in any letter case, exactly one wins")
    func oneWinner() async throws {
        try await AccountsFixture.run { fixture in
            let created = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        do {
                            try await fixture.accounts.createUser(
                                OwnerName(number.isMultiple(of: 2) ? "alice" : "Alice"),
                                email: EmailAddress("a\(number)@example.org"),
                                password: AccountsFixture.password
                            )
                            return true
                        } catch let error as RegistryError where error.code == .alreadyExists {
                            return false
                        } catch {
                            Issue.record(error)
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(created == 1)
            let users = try await fixture.accounts.listUsers()
            #expect(users.count == 1)
        }
    }

    @Test("a taken e-mail address leaves no half-made user behind")
    func takenEmail() async throws {
        try await AccountsFixture.run { fixture in
            try await fixture.makeUser("alice")
            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.createUser(
                    OwnerName("bob"),
                    email: EmailAddress("ALICE@example.org"),
                    password: AccountsFixture.password
                )
            }
            #expect(try await fixture.metadata.accounts.owner(OwnerName("bob"), seenBy: nil) == nil)
            try await fixture.makeUser("bob")
        }
    }

    @Test("names, passwords and expiries that break a rule are refused with the rule")
    func rules() async throws {
        try await AccountsFixture.run { fixture in
            let tooShort = RegistryError.invalid("the password is too short: it must have at least 8 characters")
            await #expect(throws: tooShort) {
                try await fixture.accounts.createUser(
                    OwnerName("alice"),
                    email: EmailAddress("alice@example.org"),
                    password: "1234567"
                )
            }
            await #expect(throws: RegistryError.self) { try await fixture.makeUser("api") }
            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.createOrganization(OwnerName("metrics"), ownedBy: OwnerName("alice"))
            }
            let users = try await fixture.accounts.listUsers()
            #expect(users.isEmpty)
        }
        for text in ["", "d", "30", "0d", "-1d", "1w", "1.5h", "+3d", "9999999999999999999d", "40000d", "३d"] {
            #expect(throws: RegistryError.self, "\(text)") { try Lifetime(text) }
        }
        #expect(try Lifetime("30d").duration == .seconds(30 * 86_400))
        #expect(try Lifetime("12h").duration == .seconds(12 * 3600))
        #expect(try Lifetime("90m").duration == .seconds(90 * 60))
        #expect(try Lifetime("30s").duration == .seconds(30))
        let addresses = ["", "alice", "@x.org", "alice@", "a@b@c", "a b@x.org", "a@-x.org", "a@x..org", "a\u{0}@x"]
        for text in addresses {
            #expect(throws: InvalidEmailAddress.self, "\(text)") { try EmailAddress(text) }
        }
    }

    @Test("the first administrator is created once")
    func firstAdministrator() async throws {
        try await AccountsFixture.run { fixture in
            let password = Password.random()
            #expect(try await fixture.accounts.ensureAdministrator(name: "admin", password: password))
            #expect(try await !fixture.accounts.ensureAdministrator(name: "admin", password: "other password"))
            let caller = try await fixture.authenticate(.basic(user: "admin", password: password))
            #expect(caller.account?.isAdministrator == true)
        }
    }

    @Test("the last administrator who can sign in stays one")
    func lastAdministrator() async throws {
        try await AccountsFixture.run { fixture in
            let admin = try OwnerName("root2")
            try await fixture.makeUser("root2", isAdministrator: true)
            try await fixture.makeUser("alice")
            var changes = [UserChange(), UserChange(), UserChange()]
            changes[0].isAdministrator = false
            changes[1].isActive = false
            changes[2].isLoginProhibited = true
            for change in changes {
                await #expect(throws: RegistryError.self) { try await fixture.accounts.updateUser(admin, change) }
            }
            await #expect(throws: RegistryError.self) { try await fixture.accounts.deleteUser(admin) }
            #expect(try await fixture.metadata.accounts.user(admin)?.account.isUsable == true)
            var promotion = UserChange()
            promotion.isAdministrator = true
            try await fixture.accounts.updateUser(OwnerName("alice"), promotion)
            try await fixture.accounts.deleteUser(admin)
        }
    }

    @Test("an organization keeps an owner, and its teams decide on access")
    func organizations() async throws {
        try await AccountsFixture.run { fixture in
            let (acme, alice, bob) = (try OwnerName("acme"), try OwnerName("alice"), try OwnerName("bob"))
            let team = try TeamName("release")
            try await fixture.makeUser("alice")
            let member = try await fixture.makeUser("bob").account
            try await fixture.accounts.createOrganization(acme, ownedBy: alice, visibility: .private)
            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.createOrganization(bob, ownedBy: alice)
            }
            #expect(try await fixture.metadata.accounts.owner(acme, seenBy: member)?.access.membership == nil)

            try await fixture.accounts.createTeam(NewTeam(name: team, packages: .write), in: acme)
            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.createTeam(NewTeam(name: TeamName("RELEASE"), packages: .read), in: acme)
            }
            #expect(try await fixture.accounts.addMember(bob, to: team, of: acme))
            #expect(try await !fixture.accounts.addMember(bob, to: team, of: acme))
            let access = try #require(try await fixture.metadata.accounts.owner(acme, seenBy: member)?.access)
            #expect(access.membership == Membership(isOwner: false, packages: .write))

            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.removeMember(alice, from: .owners, of: acme)
            }
            await #expect(throws: RegistryError.self) { try await fixture.accounts.deleteUser(alice) }
            #expect(try await fixture.accounts.addMember(bob, to: .owners, of: acme))
            #expect(try await fixture.accounts.removeMember(alice, from: .owners, of: acme))
            #expect(try await !fixture.accounts.removeMember(alice, from: team, of: acme))
            try await fixture.accounts.deleteUser(alice)
            try await fixture.accounts.deleteOrganization(acme)
            #expect(try await fixture.accounts.listOrganizations().isEmpty)
        }
    }

    @Test("what is not there is said to be not found")
    func notFound() async throws {
        try await AccountsFixture.run { fixture in
            let accounts = fixture.accounts
            let nobody = try OwnerName("nobody")
            let token = try TokenName("ci")
            let attempts: [@Sendable () async throws -> Void] = [
                { try await accounts.updateUser(nobody, UserChange()) },
                { try await accounts.deleteUser(nobody) },
                { try await accounts.createOrganization(OwnerName("acme"), ownedBy: nobody) },
                { try await accounts.deleteOrganization(nobody) },
                { try await accounts.createTeam(NewTeam(name: TeamName("t"), packages: .read), in: nobody) },
                { try await accounts.addMember(nobody, to: .owners, of: nobody) },
                { _ = try await accounts.createToken(token, for: nobody, scopes: ScopeSet([.all])) },
                { _ = try await accounts.listTokens(of: nobody) },
                { try await accounts.deleteToken(token, of: nobody) },
            ]
            for (index, attempt) in attempts.enumerated() {
                do {
                    try await attempt()
                    Issue.record("attempt \(index) succeeded")
                } catch let error as RegistryError where error.code == .notFound {
                    let sentence = error.message
                    #expect(sentence.contains("nobody"))
                }
            }
        }
    }

    @Test("an access token creates none with broader scopes")
    func broaderScopes() async throws {
        try await AccountsFixture.run { fixture in
            let account = try await fixture.makeUser("alice").account
            let parent = ScopeSet([.write(.package)])
            for (name, scopes, isAllowed) in [
                ("same", [Scope.write(.package)], true), ("narrower", [.read(.package)], true),
                ("other", [.read(.user)], false), ("more", [.write(.package), .read(.user)], false),
                ("all", [.all], false),
            ] {
                do {
                    let token = try TokenName(name)
                    _ = try await fixture.accounts.createToken(
                        token,
                        for: account,
                        scopes: ScopeSet(scopes),
                        parent: parent
                    )
                    #expect(isAllowed, "\(name)")
                } catch let error as RegistryError {
                    #expect(!isAllowed && error.code == .forbidden, "\(name)")
                }
            }
            #expect(try await fixture.accounts.listTokens(of: account).count == 2)
        }
    }

    @Test("no credential is written in clear to the database")
    func neverWritten() async throws {
        try await AccountsFixture.run(on: [.sqlite]) { fixture in
            try await fixture.makeUser("alice")
            let secret = try await fixture.makeToken(for: "alice")
            #expect(try await fixture.accepts(.token(secret)) == "alice")
            var scanned = 0
            for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory) {
                let path = fixture.directory + "/" + name
                let content = try Data(contentsOf: URL(filePath: path))
                scanned += content.count
                #expect(content.range(of: Data(secret.dropFirst(4).dropLast(8).utf8)) == nil, "\(name)")
                #expect(content.range(of: Data(AccountsFixture.password.utf8)) == nil, "\(name)")
            }
            // The scan would have found what is really there.
            #expect(scanned > 10_000)
        }
    }

    @Test("listings are complete over several pages")
    func listings() async throws {
        try await AccountsFixture.run { fixture in
            for number in 0..<7 { try await fixture.makeUser("user\(number)") }
            var names: [String] = []
            var last: OwnerName?
            while true {
                let page = try await fixture.metadata.accounts.users(after: last, limit: 3)
                names += page.map(\.account.name.text)
                last = page.last?.account.name
                if page.count < 3 { break }
            }
            #expect(names == (0..<7).map { "user\($0)" })
        }
    }
}
