// SPDX-License-Identifier: Apache-2.0

/// The machine-readable rule for a kind of name, which matches exactly the valid names.
package struct NamePattern: Hashable, Sendable {
    /// A regular expression in the subset of ECMA-262 that other dialects share.
    package let expression: String
    /// The maximum number of characters.
    package let maximumLength: Int
}

extension OwnerName {
    package static let pattern = NamePattern(
        expression: "^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$",
        maximumLength: maximumByteCount
    )
}

extension PackageName {
    /// A pattern whose alternatives exclude `.`, `..` and `+`.
    package static let pattern = NamePattern(
        expression: #"^([A-Za-z0-9_-][A-Za-z0-9_+.-]*|\+[A-Za-z0-9_+.-]+|\.[A-Za-z0-9_+.-]*[A-Za-z0-9_+-]"#
            + #"|\.[A-Za-z0-9_+.-]+\.)$"#,
        maximumLength: NameRules.maximumByteCount
    )
}

extension FileName {
    /// A pattern whose alternatives exclude `.`, `..` and outer spaces.
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
    /// The maximum number of bytes; the other rules depend on the contract and on Unicode, which has no common dialect.
    package static let maximumByteCount = NameRules.maximumByteCount
}
