// SPDX-License-Identifier: Apache-2.0

/// The e-mail address of a user, which also serves for signing in.
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    private static let maximumByteCount = 254

    /// The address as given.
    package let text: String

    /// Validates an address against the common subset of RFC 5321 section 4.1.2.
    package init(_ text: String) throws(InvalidEmailAddress) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard
            text.utf8.count <= Self.maximumByteCount,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }),
            parts.count == 2,
            !parts[0].isEmpty,
            Self.isDomain(parts[1])
        else { throw InvalidEmailAddress(value: text) }
        self.text = text
    }

    /// The lower-case key that decides whether two addresses are the same.
    package var folded: String { text.lowercased() }

    /// The address as given.
    package var description: String { text }

    private static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        }
    }
}

/// The error of a text that is not an e-mail address.
package struct InvalidEmailAddress: Error, Hashable, CustomStringConvertible {
    /// The text as given.
    package let value: String

    /// The message, which is safe to print for any value.
    package var description: String {
        "e-mail address \(value.quoted()) is not valid: it must look like name@example.org"
    }
}
