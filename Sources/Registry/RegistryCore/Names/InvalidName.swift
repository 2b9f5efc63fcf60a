// SPDX-License-Identifier: Apache-2.0

/// The error of an invalid name, with the rule that it breaks.
package struct InvalidName: Error, Hashable, CustomStringConvertible {
    /// The kind of the name.
    package enum Part: String, Sendable {
        case owner
        case packageName = "package name"
        case packageVersion = "package version"
        case fileName = "file name"
        case teamName = "team name"
        case tokenName = "token name"
    }

    /// The kind of the name.
    package let part: Part
    /// The name as given.
    package let value: String
    /// The rule, as a clause that starts with "it must".
    package let rule: String

    /// Creates the error for a name of the given kind.
    package init(_ part: Part, _ value: String, rule: String) {
        self.part = part
        self.value = value
        self.rule = rule
    }

    /// The message, which is safe to print for any value.
    package var description: String {
        "\(part.rawValue) \(value.quoted()) is not valid: \(rule)"
    }
}
