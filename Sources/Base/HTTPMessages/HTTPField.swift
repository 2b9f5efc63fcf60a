// SPDX-License-Identifier: Apache-2.0

/// A header or trailer field (RFC 9110, section 5).
package struct HTTPField: Hashable, Sendable {
    /// The field's name.
    package let name: Name
    /// The field's value, without surrounding white space.
    package var value: String

    package init(name: Name, value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPField {
    /// A field name, compared without regard to case (RFC 9110, section 5.1).
    package struct Name: Hashable, Sendable, CustomStringConvertible {
        /// The name as it was written.
        package let rawName: String
        /// The name in lower case, as HTTP/2 sends it.
        package let canonicalName: String

        /// Returns nil unless the text is a token (RFC 9110, section 5.6.2).
        package init?(_ name: String) {
            guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenCharacter) else { return nil }
            self.init(token: name)
        }

        /// Takes a name that is known to be a token.
        package init(token name: String) {
            rawName = name
            canonicalName =
                name.utf8.contains { (0x41...0x5A).contains($0) }
                ? String(decoding: name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self) : name
        }

        package var description: String { rawName }

        package static func == (left: Name, right: Name) -> Bool { left.canonicalName == right.canonicalName }

        package func hash(into hasher: inout Hasher) { hasher.combine(canonicalName) }
    }
}

extension UInt8 {
    /// Whether the byte may occur in a token (RFC 9110, section 5.6.2).
    package var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// The names that are registered for HTTP and used here.
extension HTTPField.Name {
    package static let accept = Self(token: "Accept")
    package static let acceptRanges = Self(token: "Accept-Ranges")
    package static let accessControlExposeHeaders = Self(token: "Access-Control-Expose-Headers")
    package static let allow = Self(token: "Allow")
    package static let authorization = Self(token: "Authorization")
    package static let cacheControl = Self(token: "Cache-Control")
    package static let connection = Self(token: "Connection")
    package static let contentDisposition = Self(token: "Content-Disposition")
    package static let contentLength = Self(token: "Content-Length")
    package static let contentRange = Self(token: "Content-Range")
    package static let contentSecurityPolicy = Self(token: "Content-Security-Policy")
    package static let contentType = Self(token: "Content-Type")
    package static let cookie = Self(token: "Cookie")
    package static let date = Self(token: "Date")
    package static let eTag = Self(token: "ETag")
    package static let expect = Self(token: "Expect")
    package static let host = Self(token: "Host")
    package static let ifMatch = Self(token: "If-Match")
    package static let ifModifiedSince = Self(token: "If-Modified-Since")
    package static let ifNoneMatch = Self(token: "If-None-Match")
    package static let ifRange = Self(token: "If-Range")
    package static let ifUnmodifiedSince = Self(token: "If-Unmodified-Since")
    package static let lastModified = Self(token: "Last-Modified")
    package static let location = Self(token: "Location")
    package static let range = Self(token: "Range")
    package static let retryAfter = Self(token: "Retry-After")
    package static let server = Self(token: "Server")
    package static let transferEncoding = Self(token: "Transfer-Encoding")
    package static let userAgent = Self(token: "User-Agent")
    package static let wwwAuthenticate = Self(token: "WWW-Authenticate")
    package static let xContentTypeOptions = Self(token: "X-Content-Type-Options")
}
