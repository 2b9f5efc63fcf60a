// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Uploads of several requests.
package struct UploadStore: Sendable {
    let database: MetadataDatabase

    /// Begins an upload, and reserves its room for as long as it exists; `limit` is the number of uploads that its owner may have.
    package func beginUpload(
        _ new: NewUpload,
        lifetime: Duration,
        keeping quotas: Quotas,
        limit: Int64? = nil
    ) async throws -> ReservationOutcome {
        let room = NewReservation(
            id: new.id,
            owner: new.owner,
            size: new.sizeInBytes,
            sha256: new.digests.digests[.sha256],
            newVersion: new.newVersion
        )
        return try await database.sweepingWhenFull(\.isFull) {
            try await database.write { tx in
                try tx.owners.keep(new.owner)
                let now = try tx.now
                let end = now.adding(lifetime)
                try tx.uploads.insert(new, until: end, now)
                return try tx.reservations.reserve(room, until: end, keeping: quotas, bound: UploadBound(limit: limit))
            }
        }
    }

    /// Finds an upload that has not expired.
    package func upload(_ id: UploadID) async throws -> StoredUpload? {
        try await database.read { tx in
            try tx.first(
                """
                SELECT \(StoredUpload.columns) FROM \(StoredUpload.source)
                WHERE upload.id = $1 AND upload.expires_at > $2
                """,
                [.text(id.text), .time(try tx.expired.through)]
            )
        }
    }

    /// Lists some of an owner's incomplete uploads in the order of their identifiers, after one.
    package func uploads(owner: Int64, after id: UploadID?, limit: Int) async throws -> [StoredUpload] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT \(StoredUpload.columns) FROM \(StoredUpload.source)
                WHERE upload.owner_id = $1 AND upload.id > $2 AND upload.expires_at > $3 AND upload.is_complete = 0
                ORDER BY upload.id LIMIT $4
                """,
                [
                    .integer(owner), .text(id?.text ?? ""), .time(try tx.expired.through),
                    .integer(Int64(limit)),
                ]
            )
        }
    }

    /// Ends an upload whose file was published before.
    package func completeUpload(_ id: UploadID) async throws {
        try await database.write { tx in
            let change = try tx.uploads.complete(id)
            if var released = try tx.reservations.release(id.text) {
                released.room.change += change
                return try tx.usage.add(tx.reservedVersions.release(released.room), owner: released.owner)
            }
            guard change != UsageChange() else { return }
            let owner = try tx.integer("SELECT owner_id FROM upload WHERE id = $1", [.text(id.text)])
            if let owner { try tx.usage.add(change, owner: owner) }
        }
    }

    /// Drops an upload with its pieces.
    package func dropUpload(_ id: UploadID) async throws {
        try await database.write { tx in
            guard let dropped = try tx.uploads.drop(id.text) else { return }
            try tx.usage.add(tx.reservedVersions.release(dropped.room), owner: dropped.owner)
        }
    }

    // Progress

    /// States the digests of an upload's whole file, and its size if the upload was begun without; reserves exactly that room.
    ///
    /// Returns nil if the upload no longer exists or has changed.
    package func state(
        _ sizeInBytes: Int64?,
        digests: ExpectedDigests,
        of upload: StoredUpload,
        lifetime: Duration,
        keeping quotas: Quotas
    ) async throws -> ReservationOutcome? {
        let known = DigestFields.structured(upload.digests.sorted)
        let stated = DigestFields.structured(digests.sorted)
        do {
            return try await database.sweepingWhenFull(\.isFull) {
                try await database.write { tx in
                    let owner = try tx.integer(
                        """
                        UPDATE upload SET digests = $2
                        WHERE id = $1 AND digests = $3 AND received = $4 AND is_complete = 0 RETURNING owner_id
                        """,
                        [.text(upload.id.text), .text(stated), .text(known), .integer(upload.received)]
                    )
                    guard let owner else { throw UploadChanged() }
                    guard let sizeInBytes else { return .reserved(upTo: 0) }
                    let isStated = try tx.execute(
                        "UPDATE upload SET size = $2, is_size_known = 1 WHERE id = $1 AND is_size_known = 0",
                        [.text(upload.id.text), .integer(sizeInBytes)]
                    )
                    guard isStated > 0 else { throw UploadChanged() }
                    let end = try tx.now.adding(lifetime)
                    return try tx.reservations.resize(
                        upload.id,
                        owner: owner,
                        to: sizeInBytes,
                        until: end,
                        keeping: quotas
                    )
                }
            }
        } catch is UploadChanged {
            return nil
        }
    }

    /// Reduces the room of an upload of unknown size to what was received, unless another writer took it over.
    package func giveBackRoom(
        ofUpload id: UploadID,
        writer: UploadID,
        lifetime: Duration,
        keeping quotas: Quotas
    ) async throws {
        _ = try await database.write { tx -> ReservationOutcome in
            let upload = try tx.first(
                "SELECT owner_id, received FROM upload WHERE id = $1 AND writer = $2 AND is_size_known = 0",
                [.text(id.text), .text(writer.text)]
            ) { row in (owner: try row.integer(), received: try row.integer()) }
            guard let upload else { return .reserved(upTo: 0) }
            return try tx.reservations.resize(
                id,
                owner: upload.owner,
                to: upload.received,
                until: try tx.now.adding(lifetime),
                keeping: quotas
            )
        }
    }

    /// Makes a writer the only one of an upload, from an offset; returns false if the upload no longer exists or is at another offset.
    package func claimUpload(_ id: UploadID, writer: UploadID, at offset: Int64) async throws -> Bool {
        try await database.write { tx in
            try tx.exists(
                "UPDATE upload SET writer = $2 WHERE id = $1 AND received = $3 AND is_complete = 0 RETURNING id",
                [.text(id.text), .text(writer.text), .integer(offset)]
            )
        }
    }

    /// Appends a piece; returns false if another writer took the upload over.
    package func recordPart(
        _ part: UploadPart,
        of id: UploadID,
        writer: UploadID,
        lifetime: Duration
    ) async throws -> Bool {
        try await database.write { tx in
            let end = try tx.now.adding(lifetime)
            let isNext = try tx.exists(
                """
                UPDATE upload SET received = received + $4, part_count = part_count + 1, expires_at = $5
                WHERE id = $1 AND writer = $2 AND received = $3 AND is_complete = 0 RETURNING id
                """,
                [
                    .text(id.text), .text(writer.text), .integer(part.start), .integer(part.sizeInBytes),
                    .time(end),
                ]
            )
            guard isNext else { return false }
            try tx.execute(
                "INSERT INTO upload_part (storage_key, upload_id, start, size) VALUES ($1, $2, $3, $4)",
                [.text(part.key.text), .text(id.text), .integer(part.start), .integer(part.sizeInBytes)]
            )
            try tx.blobs.refuseCondemned(part.key)
            try tx.reservations.prolong(id, until: end)
            return true
        }
    }

    /// Returns the pieces of an upload in their order.
    package func parts(of id: UploadID) async throws -> [UploadPart] {
        try await database.read { tx in
            try tx.all(
                "SELECT storage_key, start, size FROM upload_part WHERE upload_id = $1 ORDER BY start",
                [.text(id.text)]
            ) { row in
                UploadPart(key: try row.blobKey(), start: try row.integer(), sizeInBytes: try row.integer())
            }
        }
    }
}

/// The upload is not as the caller knew it.
private struct UploadChanged: Error {}
