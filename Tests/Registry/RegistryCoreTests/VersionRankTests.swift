// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("Ranks of versions", .timeLimit(.minutes(15)))
struct VersionRankTests {
    private static func rank(_ text: String) throws -> VersionRank {
        VersionRank(try PackageVersion(text))
    }

    /// As a database compares bytes.
    private static func order(_ left: VersionRank, _ right: VersionRank) -> Ordering {
        if left.key == right.key { return .same }
        return left.key.lexicographicallyPrecedes(right.key) ? .before : .after
    }

    static let chain = [
        "0.0.0-0", "0.0.0", "0.0.1", "0.9.0", "0.10.0", "1.0.0-0", "1.0.0-0.0", "1.0.0-2", "1.0.0-10",
        "1.0.0-99999999999999999999", "1.0.0--", "1.0.0--.0", "1.0.0-0a", "1.0.0-A", "1.0.0-a", "1.0.0-a.0",
        "1.0.0-a.b",
        "1.0.0-a-", "1.0.0-a-b", "1.0.0-aa", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
        "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0-z", "1.0.0", "1.0.1-a", "1.0.1", "1.9.0", "1.10.0",
        "2.0.0",
        "10.0.0-rc.1", "10.0.0", "99999999999999999999.0.0", "100000000000000000000.0.0",
    ]

    @Test("each version of a chain comes before all that follow")
    func table() throws {
        let ranks = try Self.chain.map(Self.rank)
        for (index, left) in ranks.enumerated() {
            for (otherIndex, right) in ranks.enumerated() {
                let expected: Ordering = index < otherIndex ? .before : index == otherIndex ? .same : .after
                #expect(Self.order(left, right) == expected, "\(Self.chain[index]) and \(Self.chain[otherIndex])")
            }
        }
    }

    @Test("build metadata does not change a rank")
    func buildMetadata() throws {
        #expect(try Self.rank("1.2.3-rc.1+a") == Self.rank("1.2.3-rc.1+b.2"))
        #expect(try Self.rank("1.2.3+a") == Self.rank("1.2.3"))
    }

    @Test(
        "what is not a semantic version comes before all that are, without an order of its own",
        arguments: ["nightly", "1.0", "v9.0.0", "2024-01-01", "~", "\u{10FFFF}", "01.0.0", "1.0.0-"]
    )
    func notSemantic(_ text: String) throws {
        let rank = try Self.rank(text)
        #expect(rank == (try Self.rank("other")))
        #expect(!rank.isRelease)
        #expect(Self.order(rank, try Self.rank("0.0.0-0")) == .before)
    }

    @Test("only semantic versions without a pre-release are releases")
    func releases() throws {
        for text in ["1.0.0", "0.0.0", "1.0.0+a-b"] { #expect(try Self.rank(text).isRelease, "\(text)") }
        for text in ["1.0.0-a", "1.0.0-0+a", "1.0"] { #expect(try !Self.rank(text).isRelease, "\(text)") }
    }

    @Test("the greatest versions that can be published are below the upper bound")
    func upperBound() throws {
        let digits = String(repeating: "9", count: 251)
        for text in ["\(digits).9.9", "9.\(digits).9", "9.9.9-\(String(repeating: "z", count: 249))"] {
            #expect(text.utf8.count == 255)
            #expect(try Self.rank(text).key.lexicographicallyPrecedes(VersionRank.aboveAll))
            // An entry of an index has to hold it.
            #expect(try Self.rank(text).key.count < 600)
        }
    }

    @Test("keys compare as precedence does", arguments: SplitMix64.seeds)
    func property(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var seen: Set<Ordering> = []
        for _ in 0..<3000 {
            let (left, right) = (Self.version(&random), Self.version(&random))
            let expected = try #require(SemanticVersion(left)).precedence(to: #require(SemanticVersion(right)))
            #expect(
                Self.order(try Self.rank(left), try Self.rank(right)) == expected,
                "seed \(seed): \(left), \(right)"
            )
            seen.insert(expected)
        }
        #expect(seen == [.before, .same, .after])
    }

    /// Versions that often agree in their first parts.
    private static func version(_ random: inout SplitMix64) -> String {
        let numbers = ["0", "1", "2", "9", "10", "99", "100", "18446744073709551616"]
        let identifiers = numbers + ["-", "--", "a", "A", "aa", "a-", "0a", "z", "rc", "1-"]
        func pick(_ words: [String], _ random: inout SplitMix64) -> String {
            words.randomElement(using: &random) ?? "0"
        }
        var text = (0..<3).map { _ in pick(Array(numbers.prefix(Int.random(in: 1...8, using: &random))), &random) }
            .joined(separator: ".")
        let count = Int.random(in: 0...3, using: &random)
        if count > 0 { text += "-" + (0..<count).map { _ in pick(identifiers, &random) }.joined(separator: ".") }
        if Bool.random(using: &random) { text += "+" + pick(identifiers, &random) }
        return text
    }
}
