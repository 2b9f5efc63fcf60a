// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

/// Neither the answer nor the work tells whether a login exists.
@Suite("Unknown logins", .timeLimit(.minutes(15)))
struct UnknownUserTests {
    private static let logins = ["alice", "ALICE@example.org", "nobody", "nobody@example.org", "", "no\u{0}body", " "]

    @Test("a wrong password of nobody is hashed like one of a user", arguments: logins)
    func hashed(_ login: String) async throws {
        try await AccountsFixture.run(on: [.sqlite]) { fixture in
            try await fixture.makeUser("alice")
            // Whatever wants to hash a password fails here.
            let pool = BlockingPool(name: "passwords", threads: 1)
            await pool.shutDown()
            let authenticate = Authenticate(
                metadata: fixture.metadata,
                hasher: PasswordHasher(pool: pool),
                cache: CredentialCache(now: fixture.clock.now),
                limit: SignInLimit(now: fixture.clock.now)
            )
            await #expect(throws: BlobStoreError.self) {
                try await authenticate(.basic(user: login, password: "wrong horse"))
            }
            await #expect(throws: RegistryError.self, "no token is hashed slowly") {
                try await authenticate(.basic(user: login, password: AccessTokenSecret().text))
            }
        }
    }

    @Test("the hash that stands in for a missing one costs the same and matches nothing")
    func standIn() async throws {
        let cost = PasswordHash.Cost(rounds: 16, blockSize: 8, parallelism: 1)
        #expect(PasswordHash(matchingNothing: cost).cost == cost)
        let pool = BlockingPool(name: "passwords", threads: 1)
        let hasher = PasswordHasher(pool: pool, cost: cost)
        for text in [nil, "", "scrypt$16$8$1$AA==$AA=="] {
            for password in ["", "correct horse"] {
                #expect(try await !hasher.verify(password, against: text))
            }
        }
        await pool.shutDown()
    }

    @Test(
        "wrong passwords for an unknown login count toward its limit, in any letter case",
        arguments: ["alice", "nobody"]
    )
    func limited(_ login: String) async throws {
        try await AccountsFixture.run(on: [.sqlite]) { fixture in
            try await fixture.makeUser("alice")
            for number in 0..<20 {
                let name = number.isMultiple(of: 2) ? login : login.uppercased()
                #expect(try await fixture.accepts(.basic(user: name, password: "wrong \(number)")) == nil)
            }
            await #expect(throws: TooManySignIns.self) {
                try await fixture.authenticate(.basic(user: login, password: "wrong horse"))
            }
            #expect(try await fixture.accepts(.basic(user: "somebody", password: "wrong horse")) == nil)
        }
    }
}
