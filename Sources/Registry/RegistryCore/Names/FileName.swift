// SPDX-License-Identifier: Apache-2.0

/// The name of a file, with all characters that any contract allows.
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

    /// The suffix of a file's name that names the file with its digest.
    package static let checksumSuffix = ".sha256"

    /// Parses the name in a request: that of a file, or that of its checksum file, which may be longer by the suffix.
    package init(requested text: String) throws(InvalidName) {
        let isLonger = text.utf8.count > NameRules.maximumByteCount && text.lowercased().hasSuffix(Self.checksumSuffix)
        _ = try Self(isLonger ? String(text.dropLast(Self.checksumSuffix.count)) : text)
        self.text = text
    }
}
