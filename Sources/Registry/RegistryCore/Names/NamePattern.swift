// SPDX-License-Identifier: Apache-2.0

/// The rule of a kind of name as programs read it; it allows exactly the names that can be made.
package struct NamePattern: Hashable, Sendable {
    /// A regular expression in the subset that ECMA-262 shares with other dialects.
    package let expression: String
    /// The most characters.
    package let maximumLength: Int
}

extension OwnerName {
    package static let pattern = NamePattern(
        expression: "^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$",
        maximumLength: maximumByteCount
    )
}

extension PackageName {
    /// The alternatives leave out `.`, `..` and `+`.
    package static let pattern = NamePattern(
        expression: #"^([A-Za-z0-9_-][A-Za-z0-9_+.-]*|\+[A-Za-z0-9_+.-]+|\.[A-Za-z0-9_+.-]*[A-Za-z0-9_+-]"#
            + #"|\.[A-Za-z0-9_+.-]+\.)$"#,
        maximumLength: NameRules.maximumByteCount
    )
}

extension FileName {
    /// The alternatives leave out `.`, `..` and outer spaces.
    package static let pattern: NamePattern = {
        let undotted = #"A-Za-z0-9_+=:;()\[\]{}~!@#$%^&-"#
        return NamePattern(
            expression: #"^([\#(undotted)]([ .\#(undotted)]*[.\#(undotted)])?|\.[ .\#(undotted)]*[\#(undotted)]"#
                + #"|\.[ .\#(undotted)]+\.)$"#,
            maximumLength: NameRules.maximumByteCount
        )
    }()
}

extension PackageVersion {
    /// The most bytes; what else holds depends on the contract and on Unicode, for which there is no common dialect.
    package static let maximumByteCount = NameRules.maximumByteCount
}
