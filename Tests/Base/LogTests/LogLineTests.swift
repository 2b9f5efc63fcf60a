// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Log

@Suite("a line of the log", .timeLimit(.minutes(15)))
struct LogLineTests {
    private func rest(_ metadata: Logger.Metadata, _ message: String = "request") -> String {
        var fields = LogFields(metadata)
        fields.finish(message: message, fileID: "RegistryHTTP/AccessRecord.swift")
        return String(decoding: fields.bytes, as: UTF8.self)
    }

    @Test("has its values in alphabetical order, the module and the message")
    func order() {
        #expect(
            rest(["path": "/api/v1/user", "bytes": "0", "method": "GET"])
                == " bytes=0 method=GET path=/api/v1/user [RegistryHTTP] request"
        )
        #expect(rest([:], "stopped") == " [RegistryHTTP] stopped")
    }

    @Test("is the same whether its values come as text or as bytes")
    func fields() {
        var fields = LogFields()
        fields.append("bytes", 4096)
        fields.append("few", -7)
        fields.append("method", "GET" as StaticString)
        fields.append("ms", tenths: 1234)
        fields.append("owner", "\u{202E}x" as String)
        fields.append("path", utf8: Array("/ä\n".utf8).span)
        let text = String(decoding: fields.bytes, as: UTF8.self)
        #expect(text == " bytes=4096 few=-7 method=GET ms=123.4 owner=\\u{202e}x path=/ä\\n")
        fields.removeAll()
        fields.append("ms", tenths: -5)
        fields.append("worst", Int.min)
        #expect(String(decoding: fields.bytes, as: UTF8.self) == " ms=-0.5 worst=-9223372036854775808")
    }

    @Test(
        "shows what would hide, move or end it",
        arguments: [
            ("a\nb\r\tc", #"a\nb\r\tc"#),
            ("\u{0}\u{1B}[31m\u{7F}", #"\u{0}\u{1b}[31m\u{7f}"#),
            ("\u{9B}31m", #"\u{9b}31m"#),
            ("a\u{2028}b\u{2029}", #"a\u{2028}b\u{2029}"#),
            ("\u{202E}gpj\u{2066}\u{200F}", #"\u{202e}gpj\u{2066}\u{200f}"#),
            ("e\u{301}\u{20DD}", #"e\u{301}\u{20dd}"#),
            ("\u{E0041}\u{FEFF}", #"\u{e0041}\u{feff}"#),
            ("größe 大 🎉 broken off \"x\" \\", "größe 大 🎉 broken off \"x\" \\"),
        ]
    )
    func escapes(_ value: String, _ shown: String) {
        #expect(rest(["cause": value]) == " cause=\(shown) [RegistryHTTP] request")
        #expect(rest([:], value) == " [RegistryHTTP] \(shown)")
    }

    @Test("replaces bytes that are no text")
    func invalid() {
        var fields = LogFields()
        fields.append("path", utf8: ([0x2F, 0xFF, 0x61, 0xC3] as [UInt8]).span)
        #expect(String(decoding: fields.bytes, as: UTF8.self) == " path=/\u{FFFD}a\u{FFFD}")
    }

    @Test("cuts long values where a character ends")
    func cut() {
        let limit = LogFields.valueLimit
        let fits = String(repeating: "a", count: limit)
        #expect(rest(["cause": fits]) == " cause=\(fits) [RegistryHTTP] request")
        #expect(rest(["cause": fits + "b"]) == " cause=\(fits)… [RegistryHTTP] request")
        let wide = String(repeating: "大", count: limit)
        #expect(rest(["cause": wide]) == " cause=\(wide.prefix(limit / 3))… [RegistryHTTP] request")
        let escaped = String(repeating: "\n", count: limit)
        #expect(
            rest(["cause": escaped]) == " cause=\(String(repeating: "\\n", count: limit / 2))… [RegistryHTTP] request"
        )
    }

    @Test("is bounded whatever it holds")
    func bounded() {
        let long = String(repeating: "\u{301}", count: 10_000)
        let few = Dictionary(uniqueKeysWithValues: (0..<8).map { ("key\($0)", long) })
        let many = Dictionary(uniqueKeysWithValues: (0..<5000).map { ("key\($0)", "value") })
        for metadata in [few, many, [long: long]] {
            var lines = LineBuffer(capacity: 1 << 20)
            var fields = LogFields(metadata)
            fields.finish(message: long, fileID: #fileID)
            lines.add(secondsSince1970: 0, level: .critical, label: "granary", rest: fields.bytes)
            let line = lines.take(reusing: [], secondsSince1970: 0).bytes
            #expect(line.count <= 8192)
            #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
        }
    }

    @Test("any bytes become one line of text", arguments: 0..<200 as Range<UInt64>)
    func random(_ seed: UInt64) {
        var random = Generator(state: seed)
        let value = (0..<Int.random(in: 0...3000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        var fields = LogFields()
        fields.append("path", utf8: value.span)
        #expect(String(validating: fields.bytes, as: UTF8.self) != nil, "seed \(seed)")
        #expect(fields.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "seed \(seed)")
        #expect(fields.bytes.count <= LogFields.valueLimit + 10, "seed \(seed)")
    }

    @Test("levels compare by their importance and are named")
    func levels() {
        #expect(
            Logger.Level.allCases.map(\.rawValue) == [
                "trace", "debug", "info", "notice", "warning", "error", "critical",
            ]
        )
        #expect(Logger.Level.allCases.sorted() == Logger.Level.allCases)
        #expect(Logger.Level(rawValue: "loud") == nil)
    }
}

/// The same numbers for the same seed (SplitMix64).
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
