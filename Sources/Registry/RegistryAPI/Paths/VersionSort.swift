// SPDX-License-Identifier: Apache-2.0

/// The orders in which a package's versions are listed.
package enum VersionSort: String, CaseIterable, Sendable {
    /// The most recently published version first.
    case published
    /// The highest version by SemVer first; versions that are not semantic come last.
    case semver
}
