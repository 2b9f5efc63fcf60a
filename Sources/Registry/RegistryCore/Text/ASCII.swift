// SPDX-License-Identifier: Apache-2.0

extension UInt8 {
    /// Whether the byte is an ASCII decimal digit.
    var isASCIIDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    /// Whether the byte is an ASCII letter or decimal digit.
    var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: isASCIIDigit
        }
    }

    /// Whether the byte is allowed in a token (RFC 9110 section 5.6.2).
    var isTokenCharacter: Bool {
        isASCIILetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}

extension StringProtocol {
    /// Returns the text without surrounding spaces and tabs, the optional white space of HTTP.
    func trimmingOptionalWhiteSpace() -> SubSequence {
        let start = self.drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start }
        return start[...last]
    }
}
