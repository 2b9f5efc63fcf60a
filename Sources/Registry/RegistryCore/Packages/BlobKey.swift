// SPDX-License-Identifier: Apache-2.0

/// A permanent, unique identifier of an upload: 128 random bits in lower-case hex.
package struct UploadID: Hashable, Sendable, CustomStringConvertible {
    /// The 32 hex digits.
    package let text: String

    /// Returns a new random identifier.
    package static func random() -> UploadID {
        var generator = SystemRandomNumberGenerator()
        return UploadID(generator.next(), generator.next())
    }

    package init(_ high: UInt64, _ low: UInt64) {
        text = Self.hex(high) + Self.hex(low)
    }

    /// Parses an identifier, and returns nil unless the text is 32 lower-case hex digits.
    package init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy(\.isLowerHexDigit) else { return nil }
        self.text = text
    }

    package var description: String { text }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// The key of a blob's content in a store: `<sha256>.<upload id>`, in a folder named for the digest's first two digits.
///
/// A key is never reused, so a late delete or a write that completes after its deadline cannot affect newer content.
package struct BlobKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The key as the database stores it.
    package let text: String

    package init(sha256: Digest, upload: UploadID) {
        text = "\(sha256.hex).\(upload.text)"
    }

    /// Parses a key from the database or a directory, and returns nil when the text has another form.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 64 else { return nil }
        guard parts[0].utf8.allSatisfy(\.isLowerHexDigit), UploadID(String(parts[1])) != nil else { return nil }
        self.text = text
    }

    /// Returns whether the content has this SHA-256.
    package func names(_ sha256: Digest) -> Bool { text.hasPrefix(sha256.hex) }

    /// The name of the folder: the first two hex digits, which spread the keys.
    package var folder: String { String(text.prefix(2)) }

    /// The path below the store's root.
    package var path: String { "\(folder)/\(text)" }

    /// The names of all folders a store needs.
    package static var allFolders: [String] {
        (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    }

    package var description: String { text }

    package static func < (left: BlobKey, right: BlobKey) -> Bool { left.text < right.text }
}

extension UInt8 {
    fileprivate var isLowerHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
