// SPDX-License-Identifier: Apache-2.0

/// A name that is validated when it is created.
///
/// Names are equal when their bytes are equal, as in the databases. Swift's own string comparison would treat two Unicode spellings of a
/// character as the same name.
package protocol ValidatedName: Hashable, Sendable, CustomStringConvertible {
    /// The name as given.
    var text: String { get }

    /// Validates the text, and throws the rule that it breaks.
    init(_ text: String) throws(InvalidName)
}

extension ValidatedName {
    /// The lower-case key that decides whether two names are the same.
    package var folded: String { text.lowercased() }

    /// The name as given.
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
