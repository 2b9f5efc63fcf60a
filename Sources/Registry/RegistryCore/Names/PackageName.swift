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
