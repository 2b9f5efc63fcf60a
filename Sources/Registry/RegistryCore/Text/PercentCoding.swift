// SPDX-License-Identifier: Apache-2.0

/// The error of a path segment whose percent-encoding is malformed or does not decode to UTF-8.
package struct InvalidPercentEncoding: Error, Hashable, CustomStringConvertible {
    /// The segment as given.
    package let segment: String

    /// The message, which is safe to print.
    package var description: String {
        "path segment \(segment.quoted()) is not valid: two hexadecimal digits must follow each %, "
            + "and the decoded bytes must be UTF-8"
    }
}

/// Decodes a path segment exactly once (RFC 3986 section 2.1); a `+` stays a `+`.
package func percentDecoded(_ segment: Substring) throws(InvalidPercentEncoding) -> String {
    guard segment.utf8.contains(UInt8(ascii: "%")) else { return String(segment) }
    var bytes: [UInt8] = []
    var rest = segment.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard
            let high = rest.popFirst().flatMap(Hexadecimal.value(ofDigit:)),
            let low = rest.popFirst().flatMap(Hexadecimal.value(ofDigit:))
        else {
            throw InvalidPercentEncoding(segment: String(segment))
        }
        bytes.append(high << 4 | low)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw InvalidPercentEncoding(segment: String(segment))
    }
    return text
}

/// Encodes a text as one path segment, except for unreserved characters (RFC 3986 section 2.3).
package func percentEncoded(_ text: String) -> String {
    percentEncoded(text) { $0.isASCIILetterOrDigit || "-._~".utf8.contains($0) }
}

/// Encodes all bytes of the text except literal ones.
func percentEncoded(_ text: String, except isLiteral: (UInt8) -> Bool) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        if isLiteral(byte) {
            bytes.append(byte)
        } else {
            bytes.append(UInt8(ascii: "%"))
            bytes.append(contentsOf: Hexadecimal.encoded(CollectionOfOne(byte)).uppercased().utf8)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
