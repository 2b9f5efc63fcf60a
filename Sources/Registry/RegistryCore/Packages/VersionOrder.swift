// SPDX-License-Identifier: Apache-2.0

/// The order in which a package's versions are listed, and the version after which a page begins; nil for the first page.
package enum VersionOrder: Hashable, Sendable {
    /// The newest first.
    case published(before: Int64?)
    /// The highest by SemVer first, last those that are no semantic versions; among versions of one rank, the newest first.
    case semver(before: Place?)

    /// A version's place in the order of ranks.
    package struct Place: Hashable, Sendable {
        package let id: Int64
        package let version: PackageVersion

        package init(id: Int64, version: PackageVersion) {
            self.id = id
            self.version = version
        }
    }
}
