// SPDX-License-Identifier: Apache-2.0

/// A JSON value whose objects preserve member order, unlike Foundation's encoder.
package enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Int64)
    case text(String)
    case array([JSONValue])
    case object([JSONMember])
}

/// One member of an object.
package struct JSONMember: Hashable, Sendable {
    package let name: String
    package let value: JSONValue

    /// Creates a member.
    package init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue {
    /// The value as JSON text in UTF-8 (RFC 8259), safe inside HTML, with a final line feed as in Gitea.
    package var document: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .flag(let value): bytes += (value ? "true" : "false").utf8
        case .number(let value): bytes += String(value).utf8
        case .text(let value): Self.write(value, to: &bytes)
        case .array(let values):
            Self.write(values, between: "[", "]", to: &bytes) { $0.write(to: &$1) }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &bytes) { member, bytes in
                Self.write(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element],
        between start: Unicode.Scalar,
        _ end: Unicode.Scalar,
        to bytes: inout [UInt8],
        _ writeOne: (Element, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: start))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            writeOne(element, &bytes)
        }
        bytes.append(UInt8(ascii: end))
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        // Most texts need no escaping.
        guard text.utf8.contains(where: mayNeedEscape) else {
            bytes += text.utf8
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                bytes.append(UInt8(ascii: "\\"))
                bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            // The last two are line terminators in JavaScript.
            case "\u{0}"..<" ", "<", ">", "&", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default:
                bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
    }

    /// Returns whether a byte may belong to a character that needs escaping; 0xE2 starts the line separators.
    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case ..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"),
            0xE2:
            true
        default: false
        }
    }
}
