// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The order in which a package's versions are listed, and behind which of them a page begins; nil for the first page.
package enum VersionOrder: Hashable, Sendable {
    /// The one published last first.
    case published(before: Int64?)
    /// The highest by SemVer first, and last what is not a semantic version; of one rank the one published last first.
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
