// SPDX-License-Identifier: Apache-2.0

/// Which part of a list is asked for: at most `limit` entries behind the key `after`.
package struct PageRequest: Hashable, Sendable {
    /// The most entries a server puts on one page, whatever is asked for.
    package static let largestLimit = 200

    /// The most entries wanted.
    package let limit: Int

    /// The `next` of the page before, or nil for the first page.
    package let after: String?

    /// Asks for the first page, or for the one behind `after`.
    package init(limit: Int = largestLimit, after: String? = nil) {
        self.limit = limit
        self.after = after
    }

    /// The request as a URL query without the question mark.
    package var query: String {
        guard let after else { return "limit=\(limit)" }
        return "limit=\(limit)&after=\(queryEncoded(after))"
    }

    /// Leaves only the unreserved characters of RFC 3986, section 2.3, so that `+`, `&` and `=` survive a query.
    private func queryEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { encoded, byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded.append("%")
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            }
        }
    }
}
