// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import YAML

@Suite("reading YAML", .timeLimit(.minutes(15)))
struct YAMLReaderTests {
    private func read(_ text: String) throws(YAMLError) -> YAMLValue? {
        try YAMLReader().read(Array(text.utf8))
    }

    private func entries(_ text: String) throws -> [YAMLValue.Entry] {
        guard case .mapping(let entries)? = try read(text)?.content else { return [] }
        return entries
    }

    private func values(_ value: YAMLValue) -> [YAMLValue] {
        if case .sequence(let values) = value.content { values } else { [] }
    }

    private func problem(_ text: String) -> String? {
        do {
            let value = try read(text)
            return value.map { "read: \($0)" }
        } catch {
            return "\(error)"
        }
    }

    @Test("mappings keep their order, and everything knows its line")
    func tree() throws {
        let text = "# a comment\nb: 1\na:\n  - x\n  - [y, 'z']\nc: {d: e}\n"
        let entries = try entries(text)
        #expect(entries.map(\.key) == ["b", "a", "c"])
        #expect(entries.map(\.line) == [2, 3, 6])
        #expect(entries.map(\.value.line) == [2, 4, 6])
        #expect(entries[0].value.text == "1")
        let values = values(entries[1].value)
        let inner = self.values(values[1])
        #expect(values[0].text == "x" && values[1].line == 5)
        #expect(inner.map(\.content) == [.scalar("y", isPlain: true), .scalar("z", isPlain: false)])
        #expect(values[1].text == nil && !values[1].isNull && values[1].truth == nil)
    }

    @Test(
        "a scalar is its own text",
        arguments: [
            "2024_01", "0123456701", "yes", "12:30", "1e3", "0x1F", "2001-12-14", "1_000", ".inf", "-5", "~x",
            "postgres://u@h/d?a=b#c",
        ]
    )
    func scalars(_ text: String) throws {
        #expect(try read("key: \(text)\n") == read("key:  \(text)   # comment"))
        let entries = try entries("key: \(text)")
        #expect(entries[0].value.content == .scalar(text, isPlain: true))
    }

    @Test("quotes and blocks are resolved")
    func quoted() throws {
        #expect(try read("'it''s'")?.text == "it's")
        #expect(try read(#""a\n\u00e4\0b""#)?.text == "a\nä\0b")
        #expect(try read("|\n  two\n  lines\n")?.text == "two\nlines\n")
        #expect(try read(">-\n  two\n  lines\n")?.text == "two lines")
        #expect(try read("\"null\"")?.isNull == false)
    }

    @Test("what says nothing can be told from texts")
    func null() throws {
        for text in ["~", "null", "Null", "NULL"] { #expect(try read(text)?.isNull == true, "\(text)") }
        for text in ["'~'", "nil", "nUll", "\"\"", "''"] { #expect(try read(text)?.isNull == false, "\(text)") }
        let entries = try entries("a:\nb: ''\n")
        #expect(entries.map(\.value.isNull) == [true, false])
    }

    @Test("truth values are YAML's own words, without quotes")
    func truth() throws {
        for text in ["yes", "Yes", "YES", "true", "True", "on", "ON"] {
            #expect(try read(text)?.truth == true, "\(text)")
        }
        for text in ["no", "No", "false", "FALSE", "off", "Off"] { #expect(try read(text)?.truth == false, "\(text)") }
        for text in ["'yes'", "yEs", "y", "1", "tRUE"] { #expect(try read(text)?.truth == nil, "\(text)") }
    }

    @Test("an empty text has no value", arguments: ["", "\n\n", "# nothing\n", "\u{FEFF}", "\u{FEFF}# x"])
    func empty(_ text: String) throws {
        #expect(try read(text) == nil)
    }

    @Test("a byte order mark, a directive and document marks are fine")
    func marks() throws {
        #expect(try read("\u{FEFF}a: b\nc: d\n") == read("a: b\nc: d\n"))
        #expect(try read("%YAML 1.1\n---\na\n...\n")?.text == "a")
        #expect(try read("---\r\na: b\r\n")?.line == 2)
    }

    @Test(
        "what is not meant for settings is refused, with its line",
        arguments: [
            ("a: &x 1\nb: *x\n", "line 1: an anchor (&) is not supported: write the value itself"),
            ("b: 1\na: *x\n", "line 2: an alias (*) is not supported: write the value itself"),
            ("*x : 1", "line 1: an alias (*) is not supported: write the value itself"),
            ("a: !!str 1\n", "line 1: a tag (!) is not supported: write the value itself"),
            ("a: ! 1\n", "line 1: a tag (!) is not supported: write the value itself"),
            ("!x {a: b}", "line 1: a tag (!) is not supported: write the value itself"),
            ("- &s [a]", "line 1: an anchor (&) is not supported: write the value itself"),
            ("a: 1\n---\nb: 2\n", "line 2: a second document begins here: only one is supported"),
            ("a: 1\nb:\n  c: 1\n  'c': 2\n", "line 4: duplicate key \"c\": see line 3"),
            ("{a: 1, a: 1}", "line 1: duplicate key \"a\": see line 1"),
            ("? [a]\n: b\n", "line 1: a key must be a string"),
            ("? {a: b}\n: c\n", "line 1: a key must be a string"),
        ]
    )
    func refused(_ text: String, _ sentence: String) {
        #expect(problem(text) == sentence)
    }

    @Test(
        "what is no YAML is refused, with its line",
        arguments: [
            ("a: [", "line 1: did not find expected node content, while parsing a flow node"),
            ("\tx: 1", "line 1: found character that cannot start any token, while scanning for the next token"),
            ("x: 1\n\ty: 1", "line 2: found a tab character that violates indentation, while scanning a plain scalar"),
            ("a: 1\n b: 2\n", "line 2: mapping values are not allowed in this context"),
            ("[a]\nb", "line 2: did not find expected <document start>"),
            ("a: 'b\n", "line 1: found unexpected end of stream, while scanning a quoted scalar"),
            ("%YAML 3.0\n---\na", "line 1: found incompatible YAML document"),
            ("a: b\nc: \u{1}", "line 2: control characters are not allowed"),
        ]
    )
    func invalid(_ text: String, _ sentence: String) {
        #expect(problem(text) == sentence)
    }

    @Test("bytes that are no UTF-8 are refused, with their line")
    func encoding() {
        #expect(throws: YAMLError(line: 2, problem: "invalid leading UTF-8 octet")) {
            try YAMLReader().read(Array("a: b\nc: ".utf8) + [0xFF])
        }
        #expect(throws: YAMLError.self) { try YAMLReader().read([0xFF, 0xFE, 0x61, 0]) }
    }

    @Test("size and depth are bounded")
    func bounds() throws {
        let reader = YAMLReader(sizeLimit: 100, depthLimit: 3)
        #expect(try reader.read(Array("[[[a]]]".utf8)) != nil)
        #expect(throws: YAMLError(line: 1, problem: "values are nested more than 3 levels deep")) {
            try reader.read(Array("[[[[a]]]]".utf8))
        }
        #expect(throws: YAMLError(line: 1, problem: "values are nested more than 3 levels deep")) {
            try reader.read(Array("{a: {b: {c: {d: e}}}}".utf8))
        }
        #expect(try reader.read([UInt8](repeating: 0x61, count: 100)) != nil)
        #expect(throws: YAMLError(line: 1, problem: "the text is larger than 100 bytes")) {
            try reader.read([UInt8](repeating: 0x61, count: 101))
        }
        #expect(throws: YAMLError.self) { try YAMLReader().read([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)) }
    }

    @Test("any text is read or refused, never more", arguments: 0..<300 as Range<UInt64>)
    func random(_ seed: UInt64) {
        var random = Generator(state: seed)
        let words = [
            "a", "b: ", "- ", "\n", "  ", "[", "]", "{", "}", ", ", "'", "\"", "#", "&x", "*x", "!t", "|", ">", "---",
            "...", "? ", ": ", "\t",
            "\\", "ä", "\u{FEFF}", "%", "\r\n", "0", "~", "<<",
        ]
        var text = (0..<Int.random(in: 0...60, using: &random)).flatMap { _ in
            Array((words.randomElement(using: &random) ?? "").utf8)
        }
        if seed.isMultiple(of: 3), !text.isEmpty {
            text[Int.random(in: 0..<text.count, using: &random)] = .random(in: 0...255, using: &random)
        }
        do {
            let value = try YAMLReader(depthLimit: 8).read(text)
            let again = try YAMLReader(depthLimit: 8).read(text)
            #expect(value == again, "seed \(seed)")
        } catch {
            let lines = text.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 > 0x7F } + 1
            #expect((1...lines + 1).contains(error.line) && !error.problem.isEmpty, "seed \(seed): \(error)")
        }
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
