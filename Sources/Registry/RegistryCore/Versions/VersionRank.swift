// SPDX-License-Identifier: Apache-2.0

/// Where a version stands among the others of its package, in a form that databases compare byte by byte.
///
/// Keys of two semantic versions compare as their precedence does (SemVer 2.0.0, section 11), so those that differ
/// only in build metadata have the same key. A version that is not semantic comes before all that are, and all of its
/// kind have the same key. Wherever keys are equal, what was published later counts as higher.
package struct VersionRank: Hashable, Sendable {
    package let key: [UInt8]
    /// Whether it is a semantic version without a pre-release.
    package let isRelease: Bool

    /// A key above those of all versions.
    package static let aboveAll: [UInt8] = [.max]

    /// The key of everything that is not a semantic version.
    private static let notSemantic: [UInt8] = [0]

    private enum Mark {
        static let end: UInt8 = 0
        static let numeric: UInt8 = 1
        static let alphanumeric: UInt8 = 2
        /// Stands in the place of the first identifier, above both of its kinds.
        static let release: UInt8 = 3
    }

    package init(_ version: PackageVersion) {
        guard let version = SemanticVersion(version.text) else {
            key = Self.notSemantic
            isRelease = false
            return
        }
        isRelease = version.prerelease.isEmpty
        key = [version.major, version.minor, version.patch].flatMap(Self.number) + Self.tail(version.prerelease)
    }

    /// Nothing but the end comes before a further identifier, so of two lists that begin alike the shorter is lower.
    private static func tail(_ identifiers: [SemanticVersion.Identifier]) -> [UInt8] {
        guard !identifiers.isEmpty else { return [Mark.release] }
        return identifiers.flatMap(identifier) + [Mark.end]
    }

    private static func identifier(_ identifier: SemanticVersion.Identifier) -> [UInt8] {
        switch identifier {
        case .numeric(let digits): [Mark.numeric] + number(digits)
        case .alphanumeric(let text): [Mark.alphanumeric] + text.utf8 + [Mark.end]
        }
    }

    /// Digits behind how many there are: numbers have no leading zeros, and a version has at most 255 bytes.
    private static func number(_ digits: String) -> [UInt8] {
        [UInt8(digits.utf8.count)] + digits.utf8
    }
}
