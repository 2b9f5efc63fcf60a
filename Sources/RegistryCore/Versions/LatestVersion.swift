// SPDX-License-Identifier: Apache-2.0

/// Which of a package's versions is the latest.
package enum LatestVersion {
    /// The highest release by SemVer, else the highest pre-release, else the version that was created last.
    ///
    /// The versions come in the order of their creation. Of equal precedence, which build metadata does not change, the one
    /// created last counts. The result is a position among them; nil when there are none.
    package static func index(among versions: [PackageVersion]) -> Int? {
        var latest: (index: Int, version: SemanticVersion)?
        for (index, version) in versions.enumerated() {
            guard let candidate = SemanticVersion(version.text) else { continue }
            if let known = latest?.version, !isAtLeast(candidate, known) { continue }
            latest = (index, candidate)
        }
        return latest?.index ?? versions.indices.last
    }

    private static func isAtLeast(_ candidate: SemanticVersion, _ known: SemanticVersion) -> Bool {
        guard candidate.prerelease.isEmpty == known.prerelease.isEmpty else { return candidate.prerelease.isEmpty }
        return candidate.precedence(to: known) != .before
    }
}
