// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@Suite("queries of targets", .timeLimit(.minutes(15)))
struct HTTPQueryTests {
    @Test(
        "a value is decoded as far as it can be",
        arguments: [
            (nil, nil), ("", nil), ("b=1", nil), ("A=1", nil), ("aa=1", nil), ("a", ""), ("a=", ""), ("a=1", "1"),
            ("a=1&a=2", "1"), ("b=1&&a=2&", "2"), ("a=b=c", "b=c"), ("=1&a=2", "2"),
            // What forms make of a space is no space in a target.
            ("a=x+y", "x+y"), ("a=x%20y", "x y"), ("a=%2B%2b%26%3d", "++&="), ("a=%e2%82%AC", "\u{20AC}"),
            ("a=%7e", "~"),
            // Escapes that are none.
            ("a=%zz%4", "%zz%4"), ("a=%", "%"), ("a=%4", "%4"), ("a=%%41", "%A"), ("a=%4x%41", "%4xA"),
            ("a=%2541", "%41"), ("a=%\u{FF11}1", "%\u{FF11}1"),
            // Not text: nothing of it is decoded.
            ("a=%FF", "%FF"), ("a=%41%FF", "%41%FF"), ("a=%C0%80", "%C0%80"),
            // Names are as they are sent.
            ("%61=1", nil), ("%61=1&a=2", "2"),
        ] as [(String?, String?)]
    )
    func values(text: String?, value: String?) {
        #expect(HTTPQuery(text.map { $0[...] })["a"] == value)
    }

    @Test("all pairs are there, in their order")
    func members() {
        let query = HTTPQuery("b=1&%61=%31&b&c=x=y&b=2")
        #expect(query.names == ["b", "%61", "b", "c", "b"])
        #expect(query.members.map(\.name) == query.names)
        #expect(query.members.map(\.value) == ["1", "1", "", "x=y", "2"])
        #expect(HTTPQuery(nil).names == [])
    }
}
