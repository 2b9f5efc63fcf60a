// SPDX-License-Identifier: Apache-2.0

package import RegistryAPI

extension JSONValue {
    /// Parses a JSON text whose numbers are integers, and keeps the order of members; throws `InvalidJSON`.
    package init(parsing text: String) throws {
        var reader = JSONReader(Array(text.utf8))
        self = try reader.document()
    }

    /// The value of a member of an object; nil when it is absent.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The names of an object's members in order.
    package var names: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.name)
    }

    /// The elements of an array.
    package var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The text of a string, or the spelling of another scalar.
    package var scalar: String? {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .null: "null"
        case .array, .object: nil
        }
    }
}

/// The error for a text that is not JSON, or has a number that is not an integer.
package struct InvalidJSON: Error {
    /// The offset of the first unexpected byte.
    package let offset: Int
}

/// A parser of JSON (RFC 8259) for responses in tests.
private struct JSONReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws -> JSONValue {
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw InvalidJSON(offset: offset) }
        return value
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"):
            return .object(
                try list(UInt8(ascii: "}")) { reader in
                    reader.skipSpace()
                    let name = try reader.string()
                    reader.skipSpace()
                    try reader.take(":")
                    return JSONMember(name, try reader.value())
                }
            )
        case UInt8(ascii: "["): return .array(try list(UInt8(ascii: "]")) { try $0.value() })
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"):
            try take("true")
            return .flag(true)
        case UInt8(ascii: "f"):
            try take("false")
            return .flag(false)
        case UInt8(ascii: "n"):
            try take("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func list<Element>(
        _ end: UInt8,
        _ element: (inout JSONReader) throws -> Element
    ) throws -> [Element] {
        offset += 1
        skipSpace()
        var elements: [Element] = []
        while peek != end {
            if !elements.isEmpty { try take(",") }
            elements.append(try element(&self))
            skipSpace()
        }
        offset += 1
        return elements
    }

    private mutating func number() throws -> Int64 {
        let digits = bytes[offset...].prefix { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
        guard let number = Int64(String(decoding: digits, as: UTF8.self)) else { throw InvalidJSON(offset: offset) }
        offset += digits.count
        return number
    }

    private mutating func string() throws -> String {
        try take("\"")
        var units: [UInt16] = []
        var raw: [UInt8] = []
        func decoded() -> [UInt16] { Array(String(decoding: raw, as: UTF8.self).utf16) }
        while let byte = peek, byte != UInt8(ascii: "\"") {
            offset += 1
            guard byte == UInt8(ascii: "\\") else {
                raw.append(byte)
                continue
            }
            units += decoded()
            raw = []
            units.append(try escaped())
        }
        try take("\"")
        return String(decoding: units + decoded(), as: UTF16.self)
    }

    private mutating func escaped() throws -> UInt16 {
        guard let letter = peek else { throw InvalidJSON(offset: offset) }
        offset += 1
        switch letter {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "u"):
            let digits = String(decoding: bytes[offset...].prefix(4), as: UTF8.self)
            guard digits.count == 4, let unit = UInt16(digits, radix: 16) else { throw InvalidJSON(offset: offset) }
            offset += 4
            return unit
        default: return UInt16(letter)
        }
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = peek, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { offset += 1 }
    }

    private mutating func take(_ text: String) throws {
        guard bytes[offset...].starts(with: text.utf8) else { throw InvalidJSON(offset: offset) }
        offset += text.utf8.count
    }
}
