// SPDX-License-Identifier: Apache-2.0

/// The forms of a request target (RFC 9112, section 3.2); for every form, `target` receives the path and query.
extension HTTP1Parser {
    /// Parses a target, which consists of visible ASCII only.
    mutating func readTarget(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Refusal) {
        target = range
        authority = 0..<0
        isPathMissing = false
        guard bytes.firstIndex(of: UInt8(ascii: "#"), in: range) == nil else { throw .targetFragment }
        let first = bytes[range.lowerBound]
        guard !bytes.equals("CONNECT", in: method) else { throw .noTunnel }
        if first == UInt8(ascii: "/") { return }
        if first == UInt8(ascii: "*"), range.count == 1, bytes.equals("OPTIONS", in: method) { return }
        try readAbsoluteTarget(bytes, range)
    }

    /// Parses `http://host/path`, which clients send to proxies and servers must accept (RFC 9112, section 3.2.2).
    private mutating func readAbsoluteTarget(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Refusal) {
        var start = range.lowerBound
        for scheme in ["http://", "https://"] as [StaticString] {
            let end = range.lowerBound + scheme.utf8CodeUnitCount
            if end <= range.upperBound, bytes.matches(scheme, in: range.lowerBound..<end) { start = end }
        }
        guard start > range.lowerBound else { throw .targetForm }
        var end = start
        while end < range.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        guard end > start, bytes.isHost(start..<end) else { throw .targetAuthority }
        authority = start..<end
        if end == range.upperBound {
            // A missing path means `/`, and the byte before the host is one.
            target = start - 1..<start
        } else {
            target = end..<range.upperBound
            isPathMissing = bytes[end] == UInt8(ascii: "?")
        }
    }
}

extension Span<UInt8> {
    /// Returns whether a range equals a text.
    func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        for offset in 0..<expected.count where self[range.lowerBound + offset] != expected[offset] { return false }
        return true
    }

    /// Returns whether a range is a host with an optional port (RFC 3986, section 3.2.2); it may be empty (RFC 9110, section 7.2).
    func isHost(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        if index < range.upperBound, self[index] == UInt8(ascii: "[") {
            index += 1
            let start = index
            while index < range.upperBound, self[index].isRegisteredName || self[index] == UInt8(ascii: ":") {
                index += 1
            }
            guard index > start, index < range.upperBound, self[index] == UInt8(ascii: "]") else { return false }
            index += 1
        } else {
            while index < range.upperBound, self[index].isRegisteredName { index += 1 }
        }
        guard index < range.upperBound else { return true }
        guard self[index] == UInt8(ascii: ":") else { return false }
        index += 1
        while index < range.upperBound, self[index].isDigit { index += 1 }
        return index == range.upperBound
    }
}
