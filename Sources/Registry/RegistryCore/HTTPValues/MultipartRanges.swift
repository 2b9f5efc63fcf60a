// SPDX-License-Identifier: Apache-2.0

/// The body of an answer with several ranges of one file (RFC 9110, section 14.6): what stands around each of them.
package struct MultipartRanges: Hashable, Sendable {
    /// One range with the text in front of it.
    package struct Part: Hashable, Sendable {
        package let heading: String
        package let range: ClosedRange<Int64>
    }

    package let parts: [Part]
    /// The text behind the last range.
    package let closing: String
    /// The media type of the whole body.
    package let contentType: String

    /// Frames ranges of a file of `size` bytes; `boundary` must not occur in the file, so it is to be random.
    package init(_ ranges: [ClosedRange<Int64>], size: Int64, boundary: String) {
        // The empty line in front of the first boundary is allowed by RFC 2046 and expected by some readers, zsync's for one.
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
