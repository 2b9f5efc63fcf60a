// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("Patterns of names", .timeLimit(.minutes(15)))
struct NamePatternTests {
    /// Every text of at most four characters of the kinds that a rule tells apart, and every ASCII character beside a letter.
    private static let texts: [String] = {
        var texts = [""]
        for _ in 0..<4 { texts += texts.flatMap { text in ["a", ".", "-", "+", " ", "]", "/"].map { text + $0 } } }
        let characters = (0..<128).map { String(Unicode.Scalar(UInt8($0))) } + ["é"]
        return Array(Set(texts + characters + characters.map { "a\($0)a" }))
    }()

    private func differences<Name: ValidatedName>(_ type: Name.Type, _ pattern: NamePattern) throws -> [String] {
        let expression = try Regex(pattern.expression).asciiOnlyCharacterClasses()
        return Self.texts.filter { text in
            let isName = (try? Name(text)) != nil
            return (try? expression.wholeMatch(in: text)) != nil ? !isName : isName
        }
    }

    @Test("a pattern matches exactly the names that can be made")
    func exact() throws {
        #expect(try differences(OwnerName.self, OwnerName.pattern) == [])
        #expect(try differences(PackageName.self, PackageName.pattern) == [])
        #expect(try differences(FileName.self, FileName.pattern) == [])
    }

    @Test("the longest name of a pattern can be made, and none is longer")
    func lengths() throws {
        func name(_ count: Int) -> String { String(repeating: "a", count: count) }
        _ = try OwnerName(name(OwnerName.pattern.maximumLength))
        _ = try PackageName(name(PackageName.pattern.maximumLength))
        _ = try FileName(name(FileName.pattern.maximumLength))
        #expect(throws: InvalidName.self) { try OwnerName(name(OwnerName.pattern.maximumLength + 1)) }
        #expect(throws: InvalidName.self) { try PackageName(name(PackageName.pattern.maximumLength + 1)) }
        #expect(throws: InvalidName.self) { try FileName(name(FileName.pattern.maximumLength + 1)) }
    }
}
