// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// The publishing settings of owners: their own contract and limits, the registry's defaults, and their usage.
package struct OwnerSettings: Sendable {
    private let accounts: AccountStore
    private let room: RoomStore
    /// The contract of owners without one of their own.
    package let contract: PublishContract
    private let limits: Limits

    /// Creates the use case with the registry's defaults.
    package init(metadata: Metadata, contract: PublishContract, limits: Limits) {
        accounts = metadata.accounts
        room = metadata.room
        self.contract = contract
        self.limits = limits
    }

    /// The usage of an owner and the limits in force.
    package struct OwnerUsage: Hashable, Sendable {
        package let usage: Usage
        /// The maximum size of a file, in bytes; nil if unlimited.
        package let fileSize: Int64?
        package let quota: Quota
    }

    /// Changes an owner's settings on all nodes, from the next request on; published content is not affected.
    package func change(_ owner: Owner, _ change: OwnerSettingsChange) async throws {
        guard try await accounts.updateSettings(ofOwner: owner.id, change) else { throw Self.noOwner(owner.name) }
    }

    /// Returns the owner's own limits.
    package func limits(of owner: Owner) async throws -> OwnerLimits {
        try await accounts.limits(ofOwner: owner.id)
    }

    /// Returns the usage of an owner and the limits in force.
    package func usage(of owner: Owner) async throws -> OwnerUsage {
        let own = try await accounts.limits(ofOwner: owner.id)
        return OwnerUsage(
            usage: try await room.usage(of: .owner(owner.id)),
            fileSize: own.fileSize.over(limits.fileSize),
            quota: limits.quotas.with(own).owner
        )
    }

    /// Returns the usage of all owners together and the limits in force.
    package func totalUsage() async throws -> OwnerUsage {
        OwnerUsage(
            usage: try await room.usage(of: .total),
            fileSize: limits.fileSize,
            quota: limits.quotas.total
        )
    }

    /// Looks up an owner by its name, for administrators.
    package func owner(_ name: OwnerName) async throws -> Owner {
        guard let owner = try await accounts.owner(name, seenBy: nil)?.owner, owner.name.folded == name.folded else {
            throw Self.noOwner(name)
        }
        return owner
    }

    private static func noOwner(_ name: OwnerName) -> RegistryError {
        .notFound("there is no owner \(name): see granary admin user list and granary admin org list")
    }
}
