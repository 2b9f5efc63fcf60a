// SPDX-License-Identifier: Apache-2.0

/// The rank of a version within its package, in a form that databases compare byte by byte.
///
/// Keys of semantic versions compare by precedence (SemVer 2.0.0 section 11), so versions that differ only in build metadata have equal
/// keys. All other versions share one key, which precedes those of semantic versions. Among equal keys, the version that was published
/// later ranks higher.
package struct VersionRank: Hashable, Sendable {
    package let key: [UInt8]
    /// Whether it is a semantic version without a pre-release.
    package let isRelease: Bool

    /// A key above those of all versions.
    package static let aboveAll: [UInt8] = [.max]

    /// The key of all versions that are not semantic.
    private static let notSemantic: [UInt8] = [0]

    private enum Mark {
        static let end: UInt8 = 0
        static let numeric: UInt8 = 1
        static let alphanumeric: UInt8 = 2
        /// The mark in place of the first identifier, which ranks above both kinds of identifiers.
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

    /// Encodes identifiers; the end mark ranks below any further identifier, so a list ranks above its prefixes.
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

    /// Encodes digits after their count: numbers have no leading zeros, and a version has at most 255 bytes.
    private static func number(_ digits: String) -> [UInt8] {
        [UInt8(digits.utf8.count)] + digits.utf8
    }
}
