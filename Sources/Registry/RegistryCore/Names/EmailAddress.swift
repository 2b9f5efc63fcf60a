// SPDX-License-Identifier: Apache-2.0

/// The e-mail address of a user, by which it may sign in.
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    private static let maximumByteCount = 254

    /// The address as it was given.
    package let text: String

    /// Checks what every address that mail can be sent to fulfils, in the common subset of RFC 5321 section 4.1.2.
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

    /// The lower-cased key that decides whether two addresses are the same one.
    package var folded: String { text.lowercased() }

    /// The address as it was given.
    package var description: String { text }

    private static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        }
    }
}

/// A text that is not an e-mail address.
package struct InvalidEmailAddress: Error, Hashable, CustomStringConvertible {
    /// The text as it was given.
    package let value: String

    /// One sentence that is safe to print whatever the value holds.
    package var description: String {
        "e-mail address \(value.quoted()) is not valid: it must look like name@example.org"
    }
}
