// SPDX-License-Identifier: Apache-2.0

/// The name of a package, with all characters that any contract allows.
package struct PackageName: ValidatedName {
    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkSegment(text, .packageName)
        guard NameRules.consists(text, ofLettersDigitsAnd: "-_+.") else {
            throw InvalidName(
                .packageName,
                text,
                rule: "it must consist of letters, digits and . - _ (and + under the contract current)"
            )
        }
        // The documented contract allows "-" and "_". No contract allows "+" alone.
        guard text != "+" else {
            throw InvalidName(.packageName, text, rule: "it must be a letter or a digit if it is one character long")
        }
        self.text = text
    }
}

/// A version as the publisher spelled it, with all characters that any contract allows.
package struct PackageVersion: ValidatedName {
    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkSegment(text, .packageVersion)
        self.text = text
    }
}

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
                rule:
                    "it must consist of letters, digits and . - _ (and spaces and +=:;()[]{}~!@#$%^& under the contract current)"
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

/// The name of a team within an organization.
package struct TeamName: ValidatedName {
    /// The team of every organization whose members have full control of it.
    package static let owners = TeamName(known: "Owners")

    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkSegment(text, .teamName)
        guard NameRules.consists(text, ofLettersDigitsAnd: "-_.") else {
            throw InvalidName(.teamName, text, rule: "it must consist of letters, digits and - _ .")
        }
        self.text = text
    }

    private init(known text: String) {
        self.text = text
    }
}

/// The name of an access token, unique per account.
package struct TokenName: ValidatedName {
    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkText(text, .tokenName)
        self.text = text
    }
}
