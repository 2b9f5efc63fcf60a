// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// How owners publish: the contract and the limits of their own, the registry's defaults, and what they use.
package struct OwnerSettings: Sendable {
    private let metadata: MetadataStore
    /// The contract of owners that have none of their own.
    package let contract: PublishContract
    private let limits: Limits

    /// Works on the metadata, with the registry's defaults.
    package init(metadata: MetadataStore, contract: PublishContract, limits: Limits) {
        self.metadata = metadata
        self.contract = contract
        self.limits = limits
    }

    /// What an owner uses, and what bounds it.
    package struct OwnerUsage: Hashable, Sendable {
        package let usage: Usage
        /// The largest file, in bytes; nil when none is too large.
        package let fileSize: Int64?
        package let quota: Quota
    }

    /// Changes how an owner publishes from the next request on, on all nodes; what is published stays as it is.
    package func change(_ owner: Owner, _ change: OwnerSettingsChange) async throws {
        guard try await metadata.updateSettings(ofOwner: owner.id, change) else { throw Self.noOwner(owner.name) }
    }

    /// The limits of an owner's own.
    package func limits(of owner: Owner) async throws -> OwnerLimits {
        try await metadata.limits(ofOwner: owner.id)
    }

    /// What an owner uses, and the limits in force.
    package func usage(of owner: Owner) async throws -> OwnerUsage {
        let own = try await metadata.limits(ofOwner: owner.id)
        return OwnerUsage(
            usage: try await metadata.usage(of: .owner(owner.id)),
            fileSize: own.fileSize.over(limits.fileSize),
            quota: limits.quotas.with(own).owner
        )
    }

    /// What all owners together use, and the limits in force.
    package func totalUsage() async throws -> OwnerUsage {
        OwnerUsage(
            usage: try await metadata.usage(of: .total),
            fileSize: limits.fileSize,
            quota: limits.quotas.total
        )
    }

    /// The owner of a name, for administrators.
    package func owner(_ name: OwnerName) async throws -> Owner {
        guard let owner = try await metadata.owner(name, seenBy: nil)?.owner, owner.name.folded == name.folded else {
            throw Self.noOwner(name)
        }
        return owner
    }

    private static func noOwner(_ name: OwnerName) -> RegistryError {
        .notFound("there is no owner \(name): see granary admin user list and granary admin org list")
    }
}
