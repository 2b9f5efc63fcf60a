// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("entity tags", .timeLimit(.minutes(15)))
struct EntityTagTests {
    @Test("the comparison table of RFC 9110 section 8.8.3.2 holds")
    func comparison() throws {
        let rows: [(String, String, strong: Bool, weak: Bool)] = [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
            ("\"1\"", "\"2\"", false, false),
        ]
        for (first, second, strong, weak) in rows {
            let (one, other) = (try #require(EntityTag(parsing: first)), try #require(EntityTag(parsing: second)))
            #expect(one.stronglyMatches(other) == strong && other.stronglyMatches(one) == strong)
            #expect(one.weaklyMatches(other) == weak && other.weaklyMatches(one) == weak)
        }
    }

    @Test(
        "a tag is written as it was read",
        arguments: ["\"xyzzy\"", "W/\"xyzzy\"", "\"\"", "\"a,b\"", "\"ü\"", "\"W/\""]
    )
    func spelling(_ text: String) throws {
        #expect(try #require(EntityTag(parsing: text)).description == text)
    }

    @Test(
        "what is no tag is refused",
        arguments: [
            "", "xyzzy", "\"", "\"a", "a\"", "w/\"a\"", "W/ \"a\"", "\"a b\"", "\"a\"b", "\"a\", \"b\"", "*",
            "\"\u{7F}\"",
        ]
    )
    func refusals(_ text: String) {
        #expect(EntityTag(parsing: text) == nil)
    }

    @Test("the tag of content is its digest, and strong")
    func digest() throws {
        let digest = try Digest(.sha256, bytes: Array(repeating: 0xAB, count: 32))
        #expect("\(EntityTag(digest))" == "\"\(digest.hex)\"")
        #expect(!EntityTag(digest).isWeak)
        #expect(EntityTag("a\"b") == nil)
    }

    @Test("a list is read as far as it is well-formed")
    func lists() throws {
        let a = try #require(EntityTag("a"))
        let comma = try #require(EntityTag("b,c"))
        let weak = try #require(EntityTag("d", isWeak: true))
        let rows: [(String, EntityTagList)] = [
            ("*", .any),
            (" * ", .any),
            ("\"a\"", .tags([a])),
            ("\"a\", \"b,c\",W/\"d\"", .tags([a, comma, weak])),
            (" , \"a\" ,, W/\"d\",", .tags([a, weak])),
            ("\"a\" W/\"d\"", .tags([a])),
            ("\"a\", garbage, W/\"d\"", .tags([a])),
            ("a", .tags([])),
            ("", .tags([])),
            ("*, \"a\"", .tags([])),
        ]
        for (text, expected) in rows {
            #expect(EntityTagList(parsing: text) == expected, "\(text)")
        }
    }

    @Test("a text is a tag only if the tag is written as that text", arguments: SplitMix64.seeds)
    func roundTrip(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var count = 0
        for _ in 0..<2000 {
            let text = random.text(of: "\"\"\"W/a, *", upTo: 6)
            guard let tag = EntityTag(parsing: text) else { continue }
            count += 1
            #expect(tag.description == text, "seed \(seed)")
            #expect(EntityTagList(parsing: text) == .tags([tag]), "seed \(seed): \(text)")
        }
        #expect(count > 5)
    }
}
