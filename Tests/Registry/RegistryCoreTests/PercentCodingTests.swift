// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("percent-encoding of path segments", .timeLimit(.minutes(15)))
struct PercentCodingTests {
    @Test(
        "a segment is decoded exactly once",
        arguments: [
            ("", ""), ("a-b", "a-b"), ("a+b", "a+b"), ("a%20b", "a b"), ("%2F", "/"), ("%2f", "/"), ("%252F", "%2F"),
            ("%2E%2e", ".."), ("%C3%BC", "ü"), ("ü", "ü"), ("%F0%9F%9A%80", "🚀"), ("%00", "\0"), ("a%2Bb", "a+b"),
        ]
    )
    func decoding(_ segment: String, _ expected: String) throws {
        #expect(try percentDecoded(segment[...]) == expected)
    }

    @Test(
        "malformed escapes and bytes that are not UTF-8 are refused",
        arguments: [
            "%", "a%", "%2", "%zz", "%2g", "%%20", "% 20", "%+2", "%C3", "%FF", "%C0%AF", "%ED%A0%80",
            "%F8%88%80%80%80",
            "%2%46",
        ]
    )
    func refusals(_ segment: String) {
        let error = #expect(throws: InvalidPercentEncoding.self) { try percentDecoded(segment[...]) }
        #expect(error?.segment == segment)
        #expect(error?.description.contains(segment) == true)
    }

    @Test(
        "all but unreserved characters are encoded",
        arguments: [
            ("aZ09-._~", "aZ09-._~"), ("a b+c", "a%20b%2Bc"), ("%2F", "%252F"), ("ü", "%C3%BC"), ("/?#", "%2F%3F%23"),
            ("\0", "%00"),
        ]
    )
    func encoding(_ text: String, _ expected: String) {
        #expect(percentEncoded(text) == expected)
    }

    @Test("what is encoded decodes to the same text", arguments: SplitMix64.seeds)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<150 {
            let text = String(decoding: random.bytes(12), as: UTF8.self)
            let decoded = try percentDecoded(percentEncoded(text)[...])
            #expect(Array(decoded.utf8) == Array(text.utf8), "seed \(seed): \(text.quoted())")
        }
    }
}
