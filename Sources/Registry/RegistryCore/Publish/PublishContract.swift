// SPDX-License-Identifier: Apache-2.0

/// The rules for publishing files.
///
/// It contains every difference between the contracts; no other code checks which one applies.
package struct PublishContract: Hashable, Sendable {
    /// The names of the contracts in the configuration.
    package enum Name: String, CaseIterable, Sendable {
        case documented
        case current
    }

    /// The contract of immutable releases: a single request publishes a semantic version, which never changes afterwards.
    package static let documented = PublishContract(
        name: .documented,
        acceptsFurtherFiles: false,
        acceptsIdenticalRetry: false,
        reportsExistingAsConflict: false
    )

    /// The contract of Gitea since 1.18: files are added one by one to a version of any spelling.
    package static let current = PublishContract(
        name: .current,
        acceptsFurtherFiles: true,
        acceptsIdenticalRetry: true,
        reportsExistingAsConflict: true
    )

    package let name: Name
    /// Whether a published version may receive more files.
    package let acceptsFurtherFiles: Bool
    /// Whether sending the same bytes to the same file again succeeds.
    package let acceptsIdenticalRetry: Bool
    /// Whether an upload to an existing file or version is a conflict (409) instead of a bad request (400).
    package let reportsExistingAsConflict: Bool

    private init(
        name: Name,
        acceptsFurtherFiles: Bool,
        acceptsIdenticalRetry: Bool,
        reportsExistingAsConflict: Bool
    ) {
        self.name = name
        self.acceptsFurtherFiles = acceptsFurtherFiles
        self.acceptsIdenticalRetry = acceptsIdenticalRetry
        self.reportsExistingAsConflict = reportsExistingAsConflict
    }

    /// Creates the contract with the given name.
    package init(_ name: Name) {
        self =
            switch name {
            case .documented: .documented
            case .current: .current
            }
    }

    /// Validates the names of a file to be published: package first, then file, then version.
    package func check(_ file: FileCoordinate) throws(InvalidName) {
        switch name {
        case .documented:
            try Self.checkDocumented(file.package.text, .packageName)
            try Self.checkDocumented(file.file.text, .fileName)
            guard SemanticVersion(file.version.text) != nil else {
                throw InvalidName(
                    .packageVersion,
                    file.version.text,
                    rule: "it must be a SemVer 2.0.0 version such as 1.0.0 or 2.1.0-rc.1"
                )
            }
        case .current:
            guard !["-", "_"].contains(file.package.text) else {
                throw InvalidName(
                    .packageName,
                    file.package.text,
                    rule: "it must be a letter or a digit if it is one character long"
                )
            }
        }
    }

    private static func checkDocumented(_ text: String, _ part: InvalidName.Part) throws(InvalidName) {
        guard NameRules.consists(text, ofLettersDigitsAnd: ".-_") else {
            throw InvalidName(part, text, rule: "it must consist of letters, digits and . - _")
        }
    }
}
