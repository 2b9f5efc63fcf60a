// SPDX-License-Identifier: Apache-2.0

/// The name by which an account tells its access tokens apart.
package struct TokenName: ValidatedName {
    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkText(text, .tokenName)
        self.text = text
    }
}
