// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Passwords and secrets", .timeLimit(.minutes(15)))
struct PasswordTests {
    @Test("a password is stored as scrypt with its parameters and a salt of its own")
    func stored() throws {
        let first = try PasswordHash(of: "correct horse", cost: .standard)
        let second = try PasswordHash(of: "correct horse", cost: .standard)
        #expect(first.text.hasPrefix("scrypt$32768$8$1$"))
        #expect(first.text != second.text)
        let read = try #require(PasswordHash(first.text))
        #expect(read == first)
        #expect(try read.matches("correct horse"))
        #expect(try !read.matches("correct Horse"))
        #expect(try !PasswordHash(matchingNothing: .standard).matches("correct horse"))
    }

    @Test("the published vector of RFC 7914 section 12 is reproduced")
    func vector() throws {
        let key = """
            70 23 bd cb 3a fd 73 48 46 1c 06 cd 81 fd 38 eb fd a8 fb ba 90 4f 8e 3e a9 b5 43 f6 54 5d a1 f2
            """.filter { $0.isHexDigit }
        let bytes = try #require(Hexadecimal.decoded(key))
        let salt = Base64.encoded("SodiumChloride".utf8)
        let hash = try #require(PasswordHash("scrypt$16384$8$1$\(salt)$\(Base64.encoded(bytes))"))
        #expect(try hash.matches("pleaseletmein"))
        #expect(try !hash.matches("pleaseletmeout"))
    }

    @Test(
        "a malformed hash is no hash",
        arguments: ["", "scrypt", "scrypt$1$2$3$4", "md5$1$8$1$AA==$AA==", "scrypt$x$8$1$AA==$AA=="]
    )
    func malformed(_ text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test("a secret has 64 lower-case digits behind grn_")
    func secrets() throws {
        let secret = AccessTokenSecret()
        #expect(secret.text.hasPrefix("grn_") && secret.text.count == 68)
        #expect(AccessTokenSecret(secret.text) == secret)
        #expect(AccessTokenSecret() != secret)
        #expect(AccessTokenSecret("grn_" + secret.text.dropFirst(4).uppercased()) == nil || secret.lastEight.isEmpty)
        #expect(AccessTokenSecret("grn_" + String(repeating: "0", count: 63)) == nil)
        #expect(AccessTokenSecret("grm_" + String(repeating: "0", count: 64)) == nil)
    }

    @Test("identical work is done once, and a failure is not shared")
    func sharedWork() async throws {
        struct Failure: Error {}
        let work = SharedWork<String, Int>()
        let (starts, start) = AsyncStream<Void>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await work.value(for: "key") {
                    start.yield()
                    for await _ in gate { break }
                    return 1
                }
            }
            for await _ in starts { break }
            for _ in 0..<8 { group.addTask { try await work.value(for: "key") { 1 } } }
            open.yield()
            for try await value in group { #expect(value == 1) }
        }
        await #expect(throws: Failure.self) { try await work.value(for: "key") { throw Failure() } }
        #expect(try await work.value(for: "key") { 2 } == 2)
    }

    @Test("what was verified before everything was forgotten is not remembered")
    func generations() throws {
        let clock = ManualClock()
        let cache = CredentialCache(limit: 2, now: clock.now)
        let key = cache.key("password", "alice", "secret")
        #expect(key != cache.key("password", "alices", "ecret"))
        let early = cache.generation
        cache.forgetAll()
        cache.remember(.anonymous, for: key, remaining: nil, in: early)
        #expect(cache.caller(for: key) == nil)
        cache.remember(.anonymous, for: key, remaining: nil, in: cache.generation)
        #expect(cache.caller(for: key) == .anonymous)
        clock.advance(by: .seconds(-1))
        #expect(cache.caller(for: key) == nil)
        for number in 0..<10 {
            cache.remember(.anonymous, for: cache.key("\(number)"), remaining: nil, in: cache.generation)
        }
        let remembered = (0..<10).filter { cache.caller(for: cache.key("\($0)")) != nil }
        #expect(remembered.contains(9) && remembered.count <= 2)
    }
}
