// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("names of packages, versions, files, teams and tokens", .timeLimit(.minutes(15)))
struct NameTests {
    private static let longest = String(repeating: "a", count: 255)
    private static let tooLong = String(repeating: "a", count: 256)
    /// What no segment of a path may be.
    private static let unsafe = [
        "", ".", "..", "a/b", "/", "a\\b", "\\", "a\0b", "a\nb", "a\u{1F}b", "a\u{7F}b", "a\u{80}b", "a\u{9F}b", "\r\n",
        tooLong,
    ]

    @Test(
        "a package name is accepted",
        arguments: ["a", "1", "Z", "a-", "a_b", "c.d+", "...", "--", "-", "_", longest]
    )
    func packageNames(_ text: String) throws {
        #expect(try PackageName(text).text == text)
    }

    @Test("a package name is refused", arguments: unsafe + ["+", "a?b", "a b", " a", "ä", "a:b", "a%2Fb", "a~", "ａ"])
    func badPackageNames(_ text: String) {
        #expect(throws: InvalidName.self) { try PackageName(text) }
    }

    @Test(
        "a file name is accepted",
        arguments: ["-", "a", "1", "a-", "a_b", "a b", "c.d+", "-_+=:;.()[]{}~!@#$%^& aA1", "...", ".a", longest]
    )
    func fileNames(_ text: String) throws {
        #expect(try FileName(text).text == text)
    }

    @Test(
        "a file name is refused",
        arguments: unsafe + ["a?b", " a", "a ", "a*", "a|b", "<a", "a>", "a\"b", "a'b", "a,b", "a`b", "ä", "a\tb"]
    )
    func badFileNames(_ text: String) {
        #expect(throws: InvalidName.self) { try FileName(text) }
    }

    @Test(
        "a version is accepted as it is spelled",
        arguments: ["1.0.3-te st", "1.0", "v1", "ü 🚀", "?*|<>\"',`", "1.0.0+build", "...", "a..b", longest]
    )
    func versions(_ text: String) throws {
        #expect(try PackageVersion(text).text == text)
    }

    @Test("a version is refused", arguments: unsafe + [" 1", "1 ", "\u{3000}1", "1\u{A0}", "1\u{2028}", " "])
    func badVersions(_ text: String) {
        #expect(throws: InvalidName.self) { try PackageVersion(text) }
    }

    @Test("the length is counted in bytes")
    func lengthInBytes() throws {
        #expect(try PackageVersion(String(repeating: "ü", count: 127) + "a").text.utf8.count == 255)
        #expect(throws: InvalidName.self) { try PackageVersion(String(repeating: "ü", count: 128)) }
    }

    @Test("a team name is accepted", arguments: ["Owners", "a", "build-team_2.x", longest])
    func teamNames(_ text: String) throws {
        #expect(try TeamName(text).text == text)
    }

    @Test("a team name is refused", arguments: unsafe + ["a b", "a+b", "ä"])
    func badTeamNames(_ text: String) {
        #expect(throws: InvalidName.self) { try TeamName(text) }
    }

    @Test("the owners team has the name that Gitea gives it")
    func ownersTeam() throws {
        #expect(TeamName.owners == (try TeamName("Owners")))
    }

    @Test("a token name is accepted", arguments: ["ci", "a/b", "laptop (old)", "..", "ü", longest])
    func tokenNames(_ text: String) throws {
        #expect(try TokenName(text).text == text)
    }

    @Test("a token name is refused", arguments: ["", " ", " a", "a ", "a\nb", "a\u{85}b", tooLong])
    func badTokenNames(_ text: String) {
        #expect(throws: InvalidName.self) { try TokenName(text) }
    }

    @Test("the key for uniqueness is lower case, also outside ASCII")
    func folding() throws {
        #expect(try PackageName("Foo.Bar").folded == "foo.bar")
        #expect(try PackageVersion("1.0-RC ÄΩ").folded == "1.0-rc äω")
        #expect(try FileName("A.BIN").folded == "a.bin")
        #expect(try OwnerName("Alice").folded == "alice")
    }

    @Test("names are equal when their bytes are")
    func equality() throws {
        let composed = try PackageVersion("caf\u{E9}")
        let decomposed = try PackageVersion("cafe\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect(try PackageName("a") != PackageName("A"))
        #expect(try PackageName("a") == PackageName("a"))
    }

    @Test("whatever a name type accepts is one safe path segment", arguments: SplitMix64.seeds)
    func acceptedNamesAreSafe(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<800 {
            let text = random.text(of: "aB0-_+.~ %/\\\u{0}\n\u{85}é\u{2028}", upTo: 5)
            for name in [try? PackageName(text).text, try? PackageVersion(text).text, try? FileName(text).text] {
                guard let name else { continue }
                #expect(name == text && !name.isEmpty && name != "." && name != "..", "seed \(seed)")
                #expect(!name.contains { "/\\\0\n\u{85}".contains($0) }, "seed \(seed): \(name.quoted())")
                #expect(name.first != " " && name.last != " ", "seed \(seed): \(name.quoted())")
            }
        }
    }
}
