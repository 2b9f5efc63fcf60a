// SPDX-License-Identifier: Apache-2.0

/// A validator of a representation (RFC 9110 section 8.8.3).
package struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    /// The text between the quotes.
    package let opaque: String
    /// Whether the tag identifies equivalent content instead of equal bytes.
    package let isWeak: Bool

    /// Creates a tag, or returns nil when the text contains a character that is not allowed in tags.
    package init?(_ opaque: String, isWeak: Bool = false) {
        guard opaque.utf8.allSatisfy(Self.isTagCharacter) else { return nil }
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// Creates the strong tag of content: its digest in lower-case hexadecimal digits.
    package init(_ digest: Digest) {
        opaque = digest.hex
        isWeak = false
    }

    /// Parses a single tag, such as `"abc"` or `W/"abc"`.
    package init?(parsing text: String) {
        var rest = text[...]
        guard let tag = EntityTag(consuming: &rest), rest.isEmpty else { return nil }
        self = tag
    }

    /// Consumes a tag at the start of the text.
    fileprivate init?(consuming text: inout Substring) {
        var rest = text
        let isWeak = rest.hasPrefix("W/")
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return nil }
        guard let tag = EntityTag(String(rest[..<end].dropFirst()), isWeak: isWeak) else { return nil }
        self = tag
        text = rest[rest.index(after: end)...]
    }

    /// The tag in its header form.
    package var description: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }

    /// Returns whether both tags identify equal bytes (section 8.8.3.2).
    package func stronglyMatches(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaque == other.opaque
    }

    /// Returns whether both tags identify equivalent content (section 8.8.3.2).
    package func weaklyMatches(_ other: EntityTag) -> Bool {
        opaque == other.opaque
    }

    private static func isTagCharacter(_ byte: UInt8) -> Bool {
        byte == 0x21 || (0x23...0x7E).contains(byte) || byte >= 0x80
    }
}

/// The value of `If-Match` or `If-None-Match`.
package enum EntityTagList: Hashable, Sendable {
    /// Any representation (`*`).
    case any
    /// One of these tags.
    case tags([EntityTag])

    /// Parses a list; a malformed list counts up to its first error, so that it never matches more than it states.
    package init(parsing text: String) {
        var rest = text.trimmingOptionalWhiteSpace()
        if rest == "*" {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        while true {
            rest = rest.drop { " \t,".contains($0) }
            guard let tag = EntityTag(consuming: &rest) else { break }
            tags.append(tag)
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard rest.first == "," else { break }
        }
        self = .tags(tags)
    }

    /// Returns whether the list matches the tag, which is nil when there is no representation.
    func matches(_ tag: EntityTag?, by comparison: (EntityTag) -> (EntityTag) -> Bool) -> Bool {
        guard let tag else { return false }
        return switch self {
        case .any: true
        case .tags(let tags): tags.contains { comparison($0)(tag) }
        }
    }
}
