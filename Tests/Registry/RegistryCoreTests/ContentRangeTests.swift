// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("Content-Range of a body", .timeLimit(.minutes(15)))
struct ContentRangeTests {
    @Test(
        "what RFC 9110 allows is read",
        arguments: [
            ("bytes 0-0/1", 0, 0, 1), ("bytes 5-9/10", 5, 9, 10), ("bytes 7-7/*", 7, 7, nil),
            ("bytes 0-9223372036854775805/9223372036854775806", 0, Int64.max - 2, Int64.max - 1),
        ] as [(String, Int64, Int64, Int64?)]
    )
    func reads(_ text: String, _ first: Int64, _ last: Int64, _ size: Int64?) throws {
        let range = try #require(ContentRange(text))
        #expect(range.bytes == first...last && range.size == size && range.count == last - first + 1)
    }

    @Test(
        "anything else is not",
        arguments: [
            "", "bytes", "bytes ", "bytes 1-0/5", "bytes 0-5/5", "bytes 0-1/", "bytes -1/5", "bytes 0-/5", "bytes 0-1",
            "bytes */5", "items 0-1/5", "bytes 0-1/5/6", "bytes 0--1/5", "bytes +0-1/5",
            "bytes 0-9223372036854775807/*",
            "bytes 0-99999999999999999999/*", "Bytes 0-1/5", " bytes 0-1/5",
        ]
    )
    func refuses(_ text: String) {
        #expect(ContentRange(text) == nil)
    }

    @Test("a whole begins at the first byte and has the size")
    func whole() {
        #expect(ContentRange("bytes 0-4/5")?.isWhole(of: 5) == true)
        #expect(ContentRange("bytes 0-4/6")?.isWhole(of: 5) == false)
        #expect(ContentRange("bytes 1-5/6")?.isWhole(of: 5) == false)
        #expect(ContentRange("bytes 0-4/*")?.isWhole(of: 5) == false)
    }
}
