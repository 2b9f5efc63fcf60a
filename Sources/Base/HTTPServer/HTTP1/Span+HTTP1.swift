// SPDX-License-Identifier: Apache-2.0

import Glibc

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let delete: UInt8 = 0x7F

    /// Whether the byte may occur in a token (RFC 9110, section 5.6.2); a single comparison for the hot path.
    @inline(__always)
    var isToken: Bool {
        self < 128
            && (self < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE as UInt64) >> UInt64(self & 63) & 1 == 1
    }

    /// Whether the byte may occur in a registered name (RFC 3986, section 3.2.2).
    var isRegisteredName: Bool {
        self < 128
            && (self < 64 ? 0x2BFF_7FF2_0000_0000 : 0x47FF_FFFE_87FF_FFFE as UInt64) >> UInt64(self & 63) & 1 == 1
    }

    var isDigit: Bool { self &- 0x30 < 10 }

    /// The value of a hexadecimal digit; nil for other bytes.
    var hexadecimalDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// Returns the first index of a byte in a range.
    @inline(__always)
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        extracting(range).withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base, Int32(byte), bytes.count) else { return nil }
            return range.lowerBound + (UnsafeRawPointer(found) - base)
        }
    }

    /// Returns the index of the first control character in a range, including HTAB, or the range's end.
    @inline(__always)
    func firstControl(in range: Range<Int>) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let deleted = word ^ (ones &* 0x7F)
            // Each term sets the high bit of the lowest byte that is below 0x20 or is DEL (zero after the xor).
            let found = ((word &- ones &* 0x20) & ~word | (deleted &- ones) & ~deleted) & (ones &* 0x80)
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < range.upperBound, self[index] >= 0x20, self[index] != .delete { index += 1 }
        return index
    }

    /// Returns whether a range equals a lower-case text, ignoring case; the text contains no control characters.
    @inline(__always)
    func matches(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        for offset in 0..<expected.count where self[range.lowerBound + offset] | 0x20 != expected[offset] {
            return false
        }
        return true
    }

    /// Returns a range without surrounding white space (RFC 9110, section 5.6.3).
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == .space || self[start] == .tab { start += 1 }
        while start < end, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return start..<end
    }

    /// Calls `body` with each element of a list, including empty ones (RFC 9110, section 5.6.1).
    func forEachElement<Failure>(of list: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void) throws(Failure) {
        var start = list.lowerBound
        while true {
            let comma = firstIndex(of: UInt8(ascii: ","), in: start..<list.upperBound)
            try body(trimmed(start..<(comma ?? list.upperBound)))
            guard let comma else { return }
            start = comma + 1
        }
    }

    /// Returns the text of a range; invalid UTF-8 becomes U+FFFD.
    func text(_ range: Range<Int>) -> String {
        extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
