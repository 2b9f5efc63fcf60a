// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("names of owners", .timeLimit(.minutes(15)))
struct OwnerNameTests {
    @Test(
        "an owner's name is accepted",
        arguments: ["a", "1", "Alice", "a-b", "a_b.c-d", "0day", String(repeating: "a", count: 40)]
    )
    func names(_ text: String) throws {
        #expect(try OwnerName(text).text == text)
        #expect(try OwnerName.forNewOwner(text).text == text)
    }

    @Test(
        "an owner's name is refused",
        arguments: [
            "", ".", "..", "-a", "_a", ".a", "a-", "a_", "a.", "a--b", "a._b", "a b", "a/b", "a+b", "ä", "a\n", "-",
            String(repeating: "a", count: 41),
        ]
    )
    func badNames(_ text: String) {
        #expect(throws: InvalidName.self) { try OwnerName(text) }
    }

    @Test(
        "a reserved word can be asked for but not taken",
        arguments: [
            "api", "API", "admin", "v1", "v2", "user", "users", "org", "orgs", "repo", "login", "logout", "assets",
            "static", "explore", "ghost", "healthz", "readyz", "metrics", "packages", "settings", "search",
        ]
    )
    func reservedWords(_ text: String) throws {
        #expect(try OwnerName(text).text == text)
        #expect(throws: InvalidName.self) { try OwnerName.forNewOwner(text) }
    }

    @Test(
        "a reserved ending can be asked for but not taken",
        arguments: ["a.keys", "a.gpg", "a.RSS", "a.atom", "a.png"]
    )
    func reservedSuffixes(_ text: String) throws {
        #expect(try OwnerName(text).text == text)
        #expect(throws: InvalidName.self) { try OwnerName.forNewOwner(text) }
    }

    @Test("a word that only contains a reserved one is free", arguments: ["apis", "my-admin", "keys", "a.keys.b"])
    func freeWords(_ text: String) throws {
        #expect(try OwnerName.forNewOwner(text).text == text)
    }
}
