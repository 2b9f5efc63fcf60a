// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("messages about names", .timeLimit(.minutes(15)))
struct InvalidNameTests {
    @Test("the message says what is wrong with what, and what to do")
    func message() throws {
        let file = FileCoordinate(
            owner: try OwnerName("alice"),
            package: try PackageName("tool"),
            version: try PackageVersion("1.0"),
            file: try FileName("tool.tar.gz")
        )
        let error = #expect(throws: InvalidName.self) { try PublishContract.documented.check(file) }
        #expect(
            error?.description
                == "package version \"1.0\" is not valid: it must be a SemVer 2.0.0 version such as 1.0.0 or 2.1.0-rc.1"
        )
        #expect(error?.part == .packageVersion)
        #expect(error?.value == "1.0")
    }

    @Test(
        "a value is printed so that it cannot harm a terminal or a log",
        arguments: [
            ("plain-1.0", "\"plain-1.0\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
            ("a\nb\u{1B}[31m", "\"a\\u{a}b\\u{1b}[31m\""),
            ("ü\u{202E}", "\"\\u{fc}\\u{202e}\""),
            ("\r\n", "\"\\u{d}\\u{a}\""),
            ("", "\"\""),
            (String(repeating: "a", count: 100), "\"" + String(repeating: "a", count: 100) + "\""),
            (String(repeating: "a", count: 101), "\"" + String(repeating: "a", count: 100) + "...\""),
            (String(repeating: "a", count: 97) + "\n", "\"" + String(repeating: "a", count: 97) + "...\""),
        ]
    )
    func quoting(_ value: String, _ expected: String) {
        #expect(value.quoted() == expected)
        #expect(InvalidName(.owner, value, rule: "it must").description == "owner \(expected) is not valid: it must")
    }

    @Test("coordinates print as owner/name@version/file")
    func coordinates() throws {
        let file = FileCoordinate(
            owner: try OwnerName("alice"),
            package: try PackageName("tool"),
            version: try PackageVersion("1.0.0"),
            file: try FileName("a b.bin")
        )
        #expect("\(file)" == "alice/tool@1.0.0/a b.bin")
        #expect("\(file.versionCoordinate)" == "alice/tool@1.0.0")
        #expect("\(file.packageCoordinate)" == "alice/tool")
        #expect(file.versionCoordinate.packageCoordinate == file.packageCoordinate)
    }
}
