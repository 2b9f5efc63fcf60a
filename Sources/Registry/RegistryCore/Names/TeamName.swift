// SPDX-License-Identifier: Apache-2.0

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
