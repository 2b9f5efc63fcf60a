// SPDX-License-Identifier: Apache-2.0

/// The framing of a response body with several ranges of one file (RFC 9110 section 14.6).
package struct MultipartRanges: Hashable, Sendable {
    /// One range with the text before it.
    package struct Part: Hashable, Sendable {
        package let heading: String
        package let range: ClosedRange<Int64>
    }

    package let parts: [Part]
    /// The text after the last range.
    package let closing: String
    /// The media type of the whole body.
    package let contentType: String

    /// Frames ranges of a file of `size` bytes; `boundary` must not occur in the file and is therefore random.
    package init(_ ranges: [ClosedRange<Int64>], size: Int64, boundary: String) {
        // RFC 2046 allows the empty line before the first boundary, and some clients, such as zsync, require it.
        parts = ranges.map { range in
            Part(
                heading: "\r\n--\(boundary)\r\nContent-Type: application/octet-stream\r\n"
                    + "Content-Range: bytes \(range.lowerBound)-\(range.upperBound)/\(size)\r\n\r\n",
                range: range
            )
        }
        closing = "\r\n--\(boundary)--\r\n"
        contentType = "multipart/byteranges; boundary=\(boundary)"
    }

    /// The size of the whole body in bytes.
    package var sizeInBytes: Int64 {
        parts.reduce(Int64(closing.utf8.count)) { $0 + Int64($1.heading.utf8.count) + Int64($1.range.count) }
    }
}
