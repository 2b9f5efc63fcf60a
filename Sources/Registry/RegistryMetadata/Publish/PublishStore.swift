// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Publishes single files.
package struct PublishStore: Sendable {
    let database: MetadataDatabase

    /// Returns what exists at the coordinate of a file that is to be published, and the owner's limits.
    package func prospect(
        of file: FileCoordinate,
        owner: Int64
    ) async throws -> (occupant: Occupant, limits: OwnerLimits) {
        try await database.read { tx in
            let found = try tx.first(
                """
                SELECT \(OwnerLimits.columns), version.id
                FROM owner
                LEFT JOIN package ON package.owner_id = owner.id AND package.lower_name = $2
                LEFT JOIN version ON version.package_id = package.id AND version.lower_version = $3
                WHERE owner.id = $1
                """,
                [.integer(owner), .text(file.package.folded), .text(file.version.folded)]
            ) { row in (limits: try OwnerLimits(reading: &row), hasVersion: try row.optionalInteger() != nil) }
            let hasVersion = found?.hasVersion ?? false
            let occupant = Occupant(
                hasVersion: hasVersion,
                file: hasVersion ? try tx.files.find(file, owner: owner) : nil
            )
            return (occupant, found?.limits ?? OwnerLimits())
        }
    }

    /// Makes a file visible, with its version and package if they are new; the unique constraints decide which publisher wins.
    ///
    /// The row refers to an existing blob of the same content, or to a new one with the upload's key. A concurrent collection of the
    /// blob is ordered against this transaction by the foreign key.
    package func recordUpload(_ file: NewFile) async throws -> RecordOutcome {
        try await database.sweepingWhenFull(\.isFull) { try await tryToRecord(file) }
    }

    private func tryToRecord(_ file: NewFile) async throws -> RecordOutcome {
        do {
            return try await database.write { tx in
                try tx.owners.keep(file.owner)
                let now = try tx.now
                if let refusal = try tx.refusal(of: file.publisher, now) { return .refused(refusal) }
                let version = try tx.versions.findOrInsert(for: file, now)
                let blob = try tx.blobs.findOrInsert(file, now)
                try tx.files.insert(file, version.id, blob.id, now)
                try tx.usage.charge(
                    [(blob.id, file.sizeInBytes)],
                    of: file.coordinate.versionCoordinate,
                    isNew: version.isNew,
                    owner: file.owner,
                    freeing: tx.reservations.take(for: file),
                    keeping: file.quotas
                )
                try tx.lookAgain(at: file.publisher) { RecordOutcome.refused($0) }
                return .created(key: blob.key)
            }
        } catch let rollback as AlreadyExists {
            return .exists(rollback.occupant)
        } catch let full as Rollback<QuotaBreach> {
            return .overQuota(full.outcome)
        }
    }
}
