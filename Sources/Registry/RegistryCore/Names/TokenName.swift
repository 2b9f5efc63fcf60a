// SPDX-License-Identifier: Apache-2.0

/// The name of an access token, unique per account.
package struct TokenName: ValidatedName {
    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkText(text, .tokenName)
        self.text = text
    }
}
