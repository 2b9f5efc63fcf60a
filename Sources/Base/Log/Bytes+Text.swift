// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        let text = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        unsafe append(contentsOf: text)
    }

    mutating func append(_ text: StaticString, upTo end: UInt8) {
        let text = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        unsafe append(contentsOf: text.prefix { $0 != end })
    }

    mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }

    /// Appends text with escapes, so that it stays on one line and hidden characters become visible.
    ///
    /// Text beyond the limit is truncated and ends with `…`. Invalid UTF-8 becomes U+FFFD.
    mutating func appendEscaped(_ text: Span<UInt8>, limit: Int) {
        for index in text.indices where !(0x20...0x7E).contains(text[index]) || index >= limit {
            return appendEscapedSlowly(text, limit: limit)
        }
        unsafe text.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    private mutating func appendEscapedSlowly(_ text: Span<UInt8>, limit: Int) {
        let start = count
        // Escaping never shortens a scalar, so text beyond the limit is irrelevant.
        let shown = text.extracting(first: limit + 1)
        let decoded = unsafe shown.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        for scalar in decoded.unicodeScalars {
            let before = count
            if scalar.isShownAsItIs {
                append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            } else {
                append(contentsOf: scalar.escape.utf8)
            }
            if count - start > limit {
                removeLast(count - before)
                append(contentsOf: "…".utf8)
                return
            }
        }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is visible on its own: not a control character, a direction mark or a combining mark.
    fileprivate var isShownAsItIs: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
        case .nonspacingMark, .spacingMark, .enclosingMark: false
        default: true
        }
    }

    fileprivate var escape: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16))}"
        }
    }
}
