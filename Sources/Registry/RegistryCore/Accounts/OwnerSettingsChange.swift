// SPDX-License-Identifier: Apache-2.0

/// A change of how an owner publishes; nil leaves a property as it is.
package struct OwnerSettingsChange: Hashable, Sendable {
    /// The owner's own contract; an inner nil is the registry's default.
    package var contract: PublishContract.Name??
    package var fileSize: OwnLimit?
    package var totalSize: OwnLimit?
    package var versionCount: OwnLimit?

    /// Changes nothing yet.
    package init() {}

    package var changesLimits: Bool { fileSize != nil || totalSize != nil || versionCount != nil }
    package var isEmpty: Bool { contract == nil && !changesLimits }
}
