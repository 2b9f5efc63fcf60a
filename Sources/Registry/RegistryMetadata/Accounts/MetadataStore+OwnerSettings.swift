// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// What is to change in how an owner publishes; nil leaves a property as it is.
package struct OwnerSettingsChange: Hashable, Sendable {
    /// The contract of the owner's own, or none.
    package var contract: PublishContract.Name??
    package var fileSize: OwnLimit?
    package var totalSize: OwnLimit?
    package var versionCount: OwnLimit?

    /// Changes nothing yet.
    package init() {}

    package var changesLimits: Bool { fileSize != nil || totalSize != nil || versionCount != nil }
    package var isEmpty: Bool { contract == nil && !changesLimits }
}

extension MetadataStore {
    /// Changes how an owner publishes from now on; false when there is none.
    ///
    /// Nothing of it is remembered outside the database: every publish asks for it.
    package func updateSettings(ofOwner id: Int64, _ change: OwnerSettingsChange) async throws -> Bool {
        try await database.write { connection in
            try connection.execute(
                """
                UPDATE owner SET
                    contract = CASE WHEN $2 = 1 THEN $3 ELSE contract END,
                    file_size_limit = CASE WHEN $4 = 1 THEN $5 ELSE file_size_limit END,
                    size_limit = CASE WHEN $6 = 1 THEN $7 ELSE size_limit END,
                    version_limit = CASE WHEN $8 = 1 THEN $9 ELSE version_limit END
                WHERE id = $1
                """,
                [.integer(id), .flag(change.contract != nil), .text(change.contract??.rawValue)]
                    + [change.fileSize, change.totalSize, change.versionCount].flatMap { limit in
                        [SQLValue.flag(limit != nil), .integer(limit?.number)]
                    }
            ) > 0
        }
    }

    /// The limits of an owner's own.
    package func limits(ofOwner id: Int64) async throws -> OwnerLimits {
        try await database.read { try Self.ownLimits(id, $0) }
    }

    static func ownLimits(_ id: Int64, _ connection: any SQLConnection) throws -> OwnerLimits {
        try connection.first(
            "SELECT file_size_limit, size_limit, version_limit FROM owner WHERE id = $1",
            [.integer(id)]
        )?.ownLimits(startingAt: 0) ?? OwnerLimits()
    }
}

extension SQLRow {
    /// The limits of an owner's own in three columns: file size, total size, version count.
    func ownLimits(startingAt column: Int) throws -> OwnerLimits {
        var limits = OwnerLimits()
        limits.fileSize = try ownLimit(column)
        limits.totalSize = try ownLimit(column + 1)
        limits.versionCount = try ownLimit(column + 2)
        return limits
    }
}
