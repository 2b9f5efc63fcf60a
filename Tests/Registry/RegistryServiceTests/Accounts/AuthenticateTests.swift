// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryTestSupport
import Testing

@Suite("Authentication", .timeLimit(.minutes(15)))
struct AuthenticateTests {
    private let password = AccountsFixture.password

    @Test("nothing given is the anonymous caller")
    func anonymous() async throws {
        try await AccountsFixture.run { fixture in
            let caller = try await fixture.authenticate(.none)
            #expect(caller == .anonymous)
        }
    }

    @Test(
        "a password is accepted with the name or the e-mail address, in any letter case",
        arguments: ["alice", "ALICE", " alice ", "alice@example.org", "Alice@Example.ORG"]
    )
    func passwords(_ login: String) async throws {
        try await AccountsFixture.run { fixture in
            let user = try await fixture.makeUser("alice")
            let caller = try await fixture.authenticate(.basic(user: login, password: password))
            #expect(caller == .account(user.account, token: nil, password: UsedPassword(storedHash: "")))
        }
    }

    @Test("an access token is accepted wherever tools put it, with its scopes")
    func tokens() async throws {
        try await AccountsFixture.run { fixture in
            let user = try await fixture.makeUser("alice")
            let secret = try await fixture.makeToken(for: "alice", scopes: [.readPackage])
            let expected = Caller.account(user.account, token: UsedToken(id: 1, scopes: ScopeSet([.readPackage])))
            let forms: [Credentials] = [
                .token(secret),
                .basic(user: "alice", password: secret),
                .basic(user: "someone-else", password: secret),
                .basic(user: "", password: secret),
                .basic(user: secret, password: ""),
                .basic(user: secret, password: "x-oauth-basic"),
            ]
            for form in forms { #expect(try await fixture.authenticate(form) == expected) }
        }
    }

    @Test("a wrong user and a wrong password get the same sentence, without the secret")
    func wrong() async throws {
        try await AccountsFixture.run { fixture in
            try await fixture.makeUser("alice")
            let secret = try await fixture.makeToken(for: "alice")
            let unknown = AccessTokenSecret().text
            let wrong: [Credentials] = [
                .basic(user: "alice", password: "wrong horse"),
                .basic(user: "nobody", password: password),
                .basic(user: "nobody@example.org", password: password),
                .basic(user: "", password: ""),
                .basic(user: "alice", password: ""),
                .basic(user: "alice", password: password.uppercased()),
                .basic(user: secret, password: "something"),
                .basic(user: "alice", password: unknown),
                .token(unknown), .token(secret.uppercased()), .token(String(secret.dropLast())), .token(""),
                .token(password),
            ]
            var sentences: Set<String> = []
            for credentials in wrong {
                sentences.insert(try #require(try await fixture.refusal(of: credentials), "\(credentials)"))
            }
            #expect(sentences.count == 1)
            let sentence = try #require(sentences.first)
            #expect(!sentence.contains(password) && !sentence.contains("grn_"))
        }
    }

    @Test("an access token ends when the database's clock says so, remembered or not")
    func expiry() async throws {
        try await AccountsFixture.run { fixture in
            try await fixture.makeUser("alice")
            let secret = try await fixture.makeToken(for: "alice", lifetime: "90s")
            #expect(try await fixture.accepts(.token(secret)) == "alice")
            fixture.clock.advance(by: .seconds(70))
            #expect(try await fixture.accepts(.token(secret)) == "alice")
            fixture.clock.advance(by: .seconds(19))
            #expect(try await fixture.accepts(.token(secret)) == "alice")
            fixture.clock.advance(by: .seconds(1))
            let sentence = try await fixture.refusal(of: .token(secret))
            #expect(sentence == "the access token has expired: create a new one")
        }
    }

    @Test("a disabled account is refused with password and token, an administrator too, and at once")
    func disabled() async throws {
        var inactive = UserChange()
        inactive.isActive = false
        var prohibited = UserChange()
        prohibited.isLoginProhibited = true
        for change in [inactive, prohibited] {
            for isAdministrator in [false, true] {
                try await AccountsFixture.run { fixture in
                    try await fixture.makeUser("root2", isAdministrator: true)
                    try await fixture.makeUser("alice", isAdministrator: isAdministrator)
                    let secret = try await fixture.makeToken(for: "alice")
                    let forms: [Credentials] = [.basic(user: "alice", password: password), .token(secret)]
                    for form in forms { #expect(try await fixture.accepts(form) == "alice") }
                    try await fixture.accounts.updateUser(OwnerName("alice"), change)
                    for form in forms {
                        let sentence = try await fixture.refusal(of: form)
                        #expect(sentence == "the account alice is disabled: ask an administrator")
                    }
                }
            }
        }
    }

    @Test("a changed password, a deleted token and a deleted account end at once what was remembered")
    func forgetting() async throws {
        try await AccountsFixture.run { fixture in
            let alice = try OwnerName("alice")
            try await fixture.makeUser("alice")
            let secret = try await fixture.makeToken(for: "alice")
            #expect(try await fixture.accepts(.basic(user: "alice", password: password)) == "alice")
            try await fixture.accounts.updateUser(alice, UserChange(), password: "another horse")
            #expect(try await fixture.accepts(.basic(user: "alice", password: password)) == nil)
            #expect(try await fixture.accepts(.basic(user: "alice", password: "another horse")) == "alice")

            #expect(try await fixture.accepts(.token(secret)) == "alice")
            try await fixture.accounts.deleteToken(TokenName("ci"), of: alice)
            #expect(try await fixture.accepts(.token(secret)) == nil)

            try await fixture.accounts.deleteUser(alice)
            #expect(try await fixture.accepts(.basic(user: "alice", password: "another horse")) == nil)
        }
    }

    @Test("a change made by another process is noticed within a minute")
    func otherProcess() async throws {
        try await AccountsFixture.run { fixture in
            let alice = try await fixture.makeUser("alice").account
            let form = Credentials.basic(user: "alice", password: password)
            #expect(try await fixture.accepts(form) == "alice")
            var change = UserChange()
            change.isActive = false
            _ = try await fixture.otherProcess.accounts.updateUser(alice.id, change)
            #expect(try await fixture.accepts(form) == "alice")
            fixture.clock.advance(by: .seconds(60))
            #expect(try await fixture.accepts(form) == nil)
        }
    }

    @Test("the last use of a token is recorded once a minute")
    func lastUse() async throws {
        try await AccountsFixture.run { fixture in
            let alice = try OwnerName("alice")
            try await fixture.makeUser("alice")
            let secret = try await fixture.makeToken(for: "alice")
            #expect(try await fixture.accounts.listTokens(of: alice).map(\.lastUsedAt) == [nil])
            let first = fixture.clock.now()
            for _ in 0..<4 {
                #expect(try await fixture.accepts(.token(secret)) == "alice")
                #expect(try await fixture.accounts.listTokens(of: alice).map(\.lastUsedAt) == [first])
                fixture.clock.advance(by: .seconds(15))
            }
            #expect(try await fixture.accepts(.token(secret)) == "alice")
            #expect(try await fixture.accounts.listTokens(of: alice).map(\.lastUsedAt) == [first.adding(.seconds(60))])
        }
    }

    @Test("many identical sign-ins at once are all answered")
    func together() async throws {
        try await AccountsFixture.run { fixture in
            try await fixture.makeUser("alice")
            let right = Credentials.basic(user: "alice", password: password)
            let wrong = Credentials.basic(user: "alice", password: "wrong horse")
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<400 {
                    group.addTask { try await fixture.accepts(number.isMultiple(of: 2) ? right : wrong) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == "alice" }.count == 200)
        }
    }
}
