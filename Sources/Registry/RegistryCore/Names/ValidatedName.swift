// SPDX-License-Identifier: Apache-2.0

/// A name that was checked when it was made.
///
/// Two names are equal when their bytes are, as in the databases: Swift's own comparison of strings would take two
/// Unicode spellings of one character for the same name.
package protocol ValidatedName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it was given.
    var text: String { get }

    /// Checks the text, or throws the rule it breaks.
    init(_ text: String) throws(InvalidName)
}

extension ValidatedName {
    /// The lower-cased key that decides whether two names are the same one.
    package var folded: String { text.lowercased() }

    /// The name as it was given.
    package var description: String { text }

    /// Compares bytes.
    package static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes bytes.
    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8.max)
    }
}
