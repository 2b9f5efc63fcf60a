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
}
