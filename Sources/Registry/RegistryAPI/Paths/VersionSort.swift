// SPDX-License-Identifier: Apache-2.0

/// The orders in which a package's versions are listed.
package enum VersionSort: String, CaseIterable, Sendable {
    /// The one published last first.
    case published
    /// The highest by SemVer first, and last what is not a semantic version.
    case semver
}
