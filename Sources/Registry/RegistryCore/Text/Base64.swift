// SPDX-License-Identifier: Apache-2.0

/// Base64 with the standard alphabet (RFC 4648 section 4).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// Encodes bytes, padded to a multiple of four characters.
    package static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xFFFF
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                result.append(alphabet[Int(bits >> bitCount & 63)])
            }
        }
        if bitCount > 0 { result.append(alphabet[Int(bits << (6 - bitCount) & 63)]) }
        while result.count % 4 != 0 { result.append(padding) }
        return String(decoding: result, as: UTF8.self)
    }

    /// Decodes text with or without padding, or returns nil when it is malformed.
    ///
    /// Text whose last character has nonzero unused bits is malformed: no encoder produces it, so it was damaged in transit.
    package static func decoded(_ text: some StringProtocol) -> [UInt8]? {
        var characters = Array(text.utf8)
        if characters.last == padding {
            guard characters.count % 4 == 0 else { return nil }
            characters.removeLast()
            if characters.last == padding { characters.removeLast() }
        }
        guard characters.count % 4 != 1 else { return nil }
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for character in characters {
            guard let value = value(of: character) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        let rest = bits & ((1 << UInt32(bitCount)) - 1)
        return rest == 0 ? result : nil
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
