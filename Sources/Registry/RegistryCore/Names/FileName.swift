// SPDX-License-Identifier: Apache-2.0

/// The name of a file, in the widest set that any contract allows.
package struct FileName: ValidatedName {
    private static let punctuation = "_ -+=:;.()[]{}~!@#$%^&"

    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkSegment(text, .fileName)
        guard NameRules.consists(text, ofLettersDigitsAnd: Self.punctuation) else {
            throw InvalidName(
                .fileName,
                text,
                rule: "it must consist of letters, digits, spaces and \(Self.punctuation.filter { $0 != " " })"
            )
        }
        self.text = text
    }

    /// What is added to a file's name for the file that holds its digest.
    package static let checksumSuffix = ".sha256"

    /// Reads a name that is asked for: that of a file, or of the checksum file of one, which may be longer by its suffix.
    package init(requested text: String) throws(InvalidName) {
        let isLonger = text.utf8.count > NameRules.maximumByteCount && text.lowercased().hasSuffix(Self.checksumSuffix)
        _ = try Self(isLonger ? String(text.dropLast(Self.checksumSuffix.count)) : text)
        self.text = text
    }
}
