// SPDX-License-Identifier: Apache-2.0

/// The `Content-Range` header for bytes (RFC 9110 section 14.4), which describes a body as a part of a whole.
package struct ContentRange: Hashable, Sendable {
    /// The positions of the first and the last byte.
    package let bytes: ClosedRange<Int64>
    /// The size of the whole, or nil when the sender does not know it.
    package let size: Int64?

    /// Parses `bytes FIRST-LAST/SIZE`, with `*` for an unknown size; returns nil for any other form.
    package init?(_ text: String) {
        guard let rest = text.dropPrefix("bytes ") else { return nil }
        let halves = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let places = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, places.count == 2, let first = Int64(digits: places[0]),
            let last = Int64(digits: places[1]),
            first <= last, last < .max
        else { return nil }
        if halves[1] == "*" {
            size = nil
        } else {
            guard let size = Int64(digits: halves[1]), last < size else { return nil }
            self.size = size
        }
        bytes = first...last
    }

    /// The number of bytes in the part.
    package var count: Int64 { bytes.upperBound - bytes.lowerBound + 1 }

    /// Returns whether the range covers a whole of the given size.
    package func isWhole(of size: Int64) -> Bool { bytes.lowerBound == 0 && count == size && self.size == size }
}

extension String {
    fileprivate func dropPrefix(_ prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
