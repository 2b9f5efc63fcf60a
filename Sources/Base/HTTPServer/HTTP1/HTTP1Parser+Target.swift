// SPDX-License-Identifier: Apache-2.0

/// The forms of a target (RFC 9112, section 3.2); whatever the form, `target` gets path and query.
extension HTTP1Parser {
    /// Reads a target, all of whose bytes are visible ASCII.
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

    /// `http://host/path`, as clients send it to proxies, and servers must take it (RFC 9112, section 3.2.2).
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
            // No path is the path `/`, and there is one before the host.
            target = start - 1..<start
        } else {
            target = end..<range.upperBound
            isPathMissing = bytes[end] == UInt8(ascii: "?")
        }
    }
}

extension Span<UInt8> {
    /// Whether a range is exactly a text.
    func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        for offset in 0..<expected.count where self[range.lowerBound + offset] != expected[offset] { return false }
        return true
    }

    /// Whether a range is a host with or without a port (RFC 3986, section 3.2.2); an empty one is (RFC 9110, section 7.2).
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
