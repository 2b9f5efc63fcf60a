// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryService
import Testing

@Suite("Names of owners", .timeLimit(.minutes(15)))
struct RenameTests {
    @Test("the old name leads to the owner until somebody takes it")
    func redirect() async throws {
        try await AccountsFixture.run { fixture in
            let (alice, carol) = (try OwnerName("alice"), try OwnerName("Carol"))
            let account = try await fixture.makeUser("alice").account
            try await fixture.accounts.rename(alice, .user, to: carol)
            #expect(try await fixture.metadata.accounts.owner(alice, seenBy: nil)?.owner.name == carol)
            #expect(try await fixture.metadata.accounts.profile(alice, seenBy: account)?.profile.owner.name == carol)
            #expect(try await fixture.metadata.accounts.owner(carol, seenBy: nil)?.owner.id == account.id)
            #expect(try await fixture.accepts(.basic(user: "carol", password: AccountsFixture.password)) == "Carol")
            #expect(try await fixture.accepts(.basic(user: "alice", password: AccountsFixture.password)) == nil)

            try await fixture.makeUser("dora")
            try await fixture.accounts.rename(OwnerName("dora"), .user, to: alice)
            #expect(try await fixture.metadata.accounts.owner(alice, seenBy: nil)?.owner.name == alice)
            #expect(try await fixture.metadata.accounts.owner(OwnerName("dora"), seenBy: nil)?.owner.name == alice)
        }
    }

    @Test("a new owner of a former name ends the redirect for good", arguments: [Owner.Kind.user, .organization])
    func ended(_ kind: Owner.Kind) async throws {
        try await AccountsFixture.run { fixture in
            let alice = try OwnerName("alice")
            try await fixture.makeUser("alice")
            try await fixture.makeUser("dora")
            try await fixture.accounts.rename(alice, .user, to: OwnerName("carol"))
            if kind == .user {
                _ = try await fixture.accounts.createUser(
                    alice,
                    email: EmailAddress("new@example.org"),
                    password: AccountsFixture.password
                )
                try await fixture.accounts.deleteUser(alice)
            } else {
                try await fixture.accounts.createOrganization(alice, ownedBy: OwnerName("dora"))
                try await fixture.accounts.deleteOrganization(alice)
            }
            #expect(try await fixture.metadata.accounts.owner(alice, seenBy: nil) == nil)
        }
    }

    @Test("an owner can go back to its old name, and change the case of its letters")
    func back() async throws {
        try await AccountsFixture.run { fixture in
            let (alice, carol) = (try OwnerName("alice"), try OwnerName("carol"))
            try await fixture.makeUser("alice")
            try await fixture.accounts.rename(alice, .user, to: carol)
            try await fixture.accounts.rename(carol, .user, to: alice)
            try await fixture.accounts.rename(alice, .user, to: OwnerName("ALICE"))
            for name in [alice, carol] {
                #expect(try await fixture.metadata.accounts.owner(name, seenBy: nil)?.owner.name.text == "ALICE")
            }
        }
    }

    @Test("a name that is taken or reserved is refused, and nothing changes")
    func refused() async throws {
        try await AccountsFixture.run { fixture in
            let (alice, bob) = (try OwnerName("alice"), try OwnerName("bob"))
            try await fixture.makeUser("alice")
            try await fixture.makeUser("bob")
            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.rename(alice, .user, to: OwnerName("BOB"))
            }
            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.rename(alice, .user, to: OwnerName("api"))
            }
            await #expect(throws: RegistryError.self) {
                try await fixture.accounts.rename(bob, .organization, to: OwnerName("carol"))
            }
            #expect(try await fixture.metadata.accounts.owner(alice, seenBy: nil)?.owner.name == alice)
            #expect(try await fixture.metadata.accounts.owner(bob, seenBy: nil)?.owner.name == bob)
            #expect(try await fixture.metadata.accounts.owner(OwnerName("carol"), seenBy: nil) == nil)
        }
    }
}
