// SPDX-License-Identifier: Apache-2.0

/// A name that may not be used, and the rule it breaks.
package struct InvalidName: Error, Hashable, CustomStringConvertible {
    /// The part of a coordinate or account that was named.
    package enum Part: String, Sendable {
        case owner
        case packageName = "package name"
        case packageVersion = "package version"
        case fileName = "file name"
        case teamName = "team name"
        case tokenName = "token name"
    }

    /// The part that was named.
    package let part: Part
    /// The name as it was given.
    package let value: String
    /// The rule, as a clause that starts with "it must".
    package let rule: String

    /// Creates the error for a value of one part.
    package init(_ part: Part, _ value: String, rule: String) {
        self.part = part
        self.value = value
        self.rule = rule
    }

    /// One sentence that is safe to print whatever the value holds.
    package var description: String {
        "\(part.rawValue) \(value.quoted()) is not valid: \(rule)"
    }
}
