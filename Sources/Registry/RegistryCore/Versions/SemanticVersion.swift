// SPDX-License-Identifier: Apache-2.0

/// A version with the grammar of Semantic Versioning 2.0.0.
///
/// Numbers may have any length, so they are stored as digits.
package struct SemanticVersion: Hashable, Sendable {
    /// One dot-separated identifier of a pre-release.
    package enum Identifier: Hashable, Sendable {
        case numeric(String)
        case alphanumeric(String)
    }

    package let major: String
    package let minor: String
    package let patch: String
    package let prerelease: [Identifier]
    package let build: [String]

    /// Parses the text, or returns nil unless the whole text is a semantic version.
    package init?(_ text: String) {
        let withoutBuild = text.prefix { $0 != "+" }
        let core = withoutBuild.prefix { $0 != "-" }
        let numbers = core.split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else {
            return nil
        }
        self.major = major
        self.minor = minor
        self.patch = patch

        var prerelease: [Identifier] = []
        if core.endIndex < withoutBuild.endIndex {
            for part in Self.identifiers(withoutBuild[core.endIndex...]) {
                guard let identifier = Self.prereleaseIdentifier(part) else { return nil }
                prerelease.append(identifier)
            }
        }
        self.prerelease = prerelease

        var build: [String] = []
        if withoutBuild.endIndex < text.endIndex {
            build = Self.identifiers(text[withoutBuild.endIndex...]).map(String.init)
            guard build.allSatisfy(Self.isIdentifier) else { return nil }
        }
        self.build = build
    }

    /// Compares two versions by precedence (section 11), which ignores build metadata.
    package func precedence(to other: SemanticVersion) -> Ordering {
        Self.compareNumbers(major, other.major)
            .then(Self.compareNumbers(minor, other.minor))
            .then(Self.compareNumbers(patch, other.patch))
            .then(Self.comparePrereleases(prerelease, other.prerelease))
    }

    private static func comparePrereleases(_ left: [Identifier], _ right: [Identifier]) -> Ordering {
        // A release comes after its pre-releases.
        if left.isEmpty || right.isEmpty {
            return Ordering.of(left.isEmpty ? 1 : 0, right.isEmpty ? 1 : 0)
        }
        for (one, other) in zip(left, right) {
            let order = compareIdentifiers(one, other)
            if order != .same { return order }
        }
        return Ordering.of(left.count, right.count)
    }

    private static func compareIdentifiers(_ left: Identifier, _ right: Identifier) -> Ordering {
        switch (left, right) {
        case (.numeric(let one), .numeric(let other)): compareNumbers(one, other)
        case (.alphanumeric(let one), .alphanumeric(let other)): Ordering.of(one, other)
        case (.numeric, .alphanumeric): .before
        case (.alphanumeric, .numeric): .after
        }
    }

    private static func compareNumbers(_ left: String, _ right: String) -> Ordering {
        Ordering.of(left.utf8.count, right.utf8.count).then(Ordering.of(left, right))
    }

    /// Returns the identifiers after the `-` or `+` at the start of the section.
    private static func identifiers(_ section: Substring) -> [Substring] {
        section.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func prereleaseIdentifier(_ text: Substring) -> Identifier? {
        guard isIdentifier(text) else { return nil }
        guard text.utf8.allSatisfy(\.isASCIIDigit) else { return .alphanumeric(String(text)) }
        return number(text).map(Identifier.numeric)
    }

    private static func number(_ text: Substring) -> String? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return text.utf8.count > 1 && text.hasPrefix("0") ? nil : String(text)
    }

    private static func isIdentifier(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }
}
