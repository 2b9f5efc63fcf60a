// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("semantic versions", .timeLimit(.minutes(15)))
struct SemanticVersionTests {
    @Test(
        "the specification's valid examples are versions",
        arguments: [
            "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid", "1.0.0-alpha",
            "1.0.0-beta", "1.0.0-alpha.beta", "1.0.0-alpha.beta.1", "1.0.0-alpha.1", "1.0.0-alpha0.valid",
            "1.0.0-alpha.0valid", "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay", "1.0.0-rc.1+build.1",
            "2.0.0-rc.1+build.123", "1.2.3-beta", "10.2.3-DEV-SNAPSHOT", "1.2.3-SNAPSHOT-123", "1.0.0", "2.0.0",
            "1.1.7", "2.0.0+build.1848", "2.0.1-alpha.1227", "1.0.0-alpha+beta", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
            "1.2.3----R-S.12.9.1--.12+meta", "1.2.3----RC-SNAPSHOT.12.9.1--.12", "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
            "99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-0A.is.legal",
        ]
    )
    func valid(_ text: String) {
        #expect(SemanticVersion(text) != nil)
    }

    @Test(
        "the specification's invalid examples are not",
        arguments: [
            "1", "1.2", "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid", "-invalid", "-invalid+invalid",
            "-invalid.01", "alpha", "alpha.beta", "alpha.beta.1", "alpha.1", "alpha+beta", "alpha_beta", "alpha.",
            "alpha..", "beta", "1.0.0-alpha_beta", "-alpha.", "1.0.0-alpha..", "1.0.0-alpha..1", "1.0.0-alpha...1",
            "1.0.0-alpha....1", "1.0.0-alpha.....1", "1.0.0-alpha......1", "1.0.0-alpha.......1", "01.1.1", "1.01.1",
            "1.1.01", "1.2.3.DEV", "1.2-SNAPSHOT", "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788", "1.2-RC-SNAPSHOT",
            "-1.0.3-gamma+b7718", "+justmeta", "9.8.7+meta+meta", "9.8.7-whatever+meta+meta",
            "99999999999999999999999.999999999999999999.99999999999999999----RC-SNAPSHOT.12.09.1--------------------------------..12",
            "", " 1.0.0", "1.0.0 ", "v1.0.0", "1.0.0\n", "1.0.0-", "1.0.0+", "1.0.0-+b", "1..0", "1.0.0.0", "١.0.0",
            "1.0.0-é", "1.0.0-a\u{301}", "1.0.0+\u{301}", "1.0.0+a_b", "1 .0.0", "+1.0.0", "1.-0.0",
        ]
    )
    func invalid(_ text: String) {
        #expect(SemanticVersion(text) == nil)
    }

    @Test("a version is taken apart")
    func parts() throws {
        let version = try #require(SemanticVersion("1.20.300-rc.1.x-2+build.007"))
        #expect(version.major == "1")
        #expect(version.minor == "20")
        #expect(version.patch == "300")
        #expect(version.prerelease == [.alphanumeric("rc"), .numeric("1"), .alphanumeric("x-2")])
        #expect(version.build == ["build", "007"])
    }

    @Test("precedence is the one of section 11, for every pair")
    func precedence() throws {
        let chain = try [
            "0.0.1", "0.9.0", "0.10.0", "1.0.0-0", "1.0.0-2", "1.0.0-10", "1.0.0-99999999999999999999", "1.0.0--",
            "1.0.0-A", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1-a", "1.0.1", "1.9.0", "1.10.0", "2.0.0", "2.1.0", "2.1.1",
            "99999999999999999999.0.0", "100000000000000000000.0.0",
        ].map { try #require(SemanticVersion($0)) }
        for (index, left) in chain.enumerated() {
            for (otherIndex, right) in chain.enumerated() {
                let expected: Ordering = index < otherIndex ? .before : index == otherIndex ? .same : .after
                #expect(left.precedence(to: right) == expected, "\(left) and \(right)")
            }
        }
    }

    @Test("build metadata does not count for precedence, but for equality")
    func buildMetadata() throws {
        let plain = try #require(SemanticVersion("1.0.0"))
        let built = try #require(SemanticVersion("1.0.0+a"))
        #expect(plain.precedence(to: built) == .same)
        #expect(plain != built)
    }

    @Test("the parser agrees with the specification's regular expression", arguments: SplitMix64.seeds)
    func grammar(seed: UInt64) throws {
        let identifier = "(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
        let number = "(?:0|[1-9][0-9]*)"
        let build = "(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?"
        let regex = try Regex(
            "\(number)\\.\(number)\\.\(number)(?:-\(identifier)(?:\\.\(identifier))*)?\(build)"
        )
        var random = SplitMix64(seed: seed)
        var validCount = 0
        for _ in 0..<300 {
            let tail = random.text(of: "0019aZ.-+_", upTo: 8)
            for text in [tail, "1.0." + tail, "1.0.0-" + tail, "1.0.0+" + tail] {
                let isValid = try regex.wholeMatch(in: text) != nil
                if isValid { validCount += 1 }
                #expect((SemanticVersion(text) != nil) == isValid, "seed \(seed): \(text)")
            }
        }
        #expect(validCount > 50)
    }
}
