// SPDX-License-Identifier: Apache-2.0

/// A version as the publisher spelled it, with all characters that any contract allows.
package struct PackageVersion: ValidatedName {
    package let text: String

    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkSegment(text, .packageVersion)
        self.text = text
    }
}
