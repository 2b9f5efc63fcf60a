// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

/// What the pieces of an upload change.
extension MetadataStore {
    /// States the digests of an upload's whole file, and its size if the upload was begun without, for which exactly that room is
    /// set aside; nil when the upload is not there any more, or not as it was.
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
            return try await sweepingWhenFull(\.isFull) {
                try await writeUnlessRolledBack { connection in
                    let owner = try connection.first(
                        """
                        UPDATE upload SET digests = $2
                        WHERE id = $1 AND digests = $3 AND received = $4 AND is_complete = 0 RETURNING owner_id
                        """,
                        [.text(upload.id.text), .text(stated), .text(known), .integer(upload.received)]
                    )?.integer(0)
                    guard let owner else { throw UploadChanged() }
                    guard let sizeInBytes else { return .reserved(upTo: 0) }
                    let isStated = try connection.execute(
                        "UPDATE upload SET size = $2, is_size_known = 1 WHERE id = $1 AND is_size_known = 0",
                        [.text(upload.id.text), .integer(sizeInBytes)]
                    )
                    guard isStated > 0 else { throw UploadChanged() }
                    let end = try connection.now().adding(lifetime)
                    return try Self.resize(
                        upload.id,
                        owner: owner,
                        to: sizeInBytes,
                        until: end,
                        keeping: quotas,
                        connection
                    )
                }
            }
        } catch is UploadChanged {
            return nil
        }
    }

    /// Sets aside for an upload of unknown size no more than what is there, unless another writer has come meanwhile.
    package func giveBackRoom(
        ofUpload id: UploadID,
        writer: UploadID,
        lifetime: Duration,
        keeping quotas: Quotas
    ) async throws {
        _ = try await writeUnlessRolledBack { connection -> ReservationOutcome in
            let upload = try connection.first(
                "SELECT owner_id, received FROM upload WHERE id = $1 AND writer = $2 AND is_size_known = 0",
                [.text(id.text), .text(writer.text)]
            )
            guard let upload else { return .reserved(upTo: 0) }
            let end = try connection.now().adding(lifetime)
            let (owner, received) = (try upload.integer(0), try upload.integer(1))
            return try Self.resize(id, owner: owner, to: received, until: end, keeping: quotas, connection)
        }
    }

    /// Makes a writer the only one of an upload, from an offset; false if the upload no longer exists or is at another offset.
    package func claimUpload(
        _ id: UploadID,
        writer: UploadID,
        at offset: Int64
    ) async throws -> Bool {
        try await database.write { connection in
            try connection.first(
                """
                UPDATE upload SET writer = $2 WHERE id = $1 AND received = $3 AND is_complete = 0 RETURNING id
                """,
                [.text(id.text), .text(writer.text), .integer(offset)]
            ) != nil
        }
    }

    /// Adds a piece behind those that are there; false when another writer has come meanwhile.
    package func recordPart(
        _ part: UploadPart,
        of id: UploadID,
        writer: UploadID,
        lifetime: Duration
    ) async throws -> Bool {
        try await database.write { connection in
            let end = try connection.now().adding(lifetime)
            let moved = try connection.first(
                """
                UPDATE upload SET received = received + $4, part_count = part_count + 1, expires_at = $5
                WHERE id = $1 AND writer = $2 AND received = $3 AND is_complete = 0 RETURNING id
                """,
                [
                    .text(id.text), .text(writer.text), .integer(part.start), .integer(part.sizeInBytes),
                    .time(end),
                ]
            )
            guard moved != nil else { return false }
            try connection.execute(
                "INSERT INTO upload_part (storage_key, upload_id, start, size) VALUES ($1, $2, $3, $4)",
                [.text(part.key.text), .text(id.text), .integer(part.start), .integer(part.sizeInBytes)]
            )
            try Self.refuseCondemned(part.key, connection)
            try connection.execute(
                "UPDATE reservation SET expires_at = $2 WHERE id = $1",
                [.text(id.text), .time(end)]
            )
            return true
        }
    }

    /// The pieces of an upload in their order.
    package func parts(of id: UploadID) async throws -> [UploadPart] {
        try await database.read { connection in
            try connection.query(
                "SELECT storage_key, start, size FROM upload_part WHERE upload_id = $1 ORDER BY start",
                [.text(id.text)]
            ).map { row in
                UploadPart(key: try row.blobKey(0), start: try row.integer(1), sizeInBytes: try row.integer(2))
            }
        }
    }
}

/// The upload is not as the caller knew it.
private struct UploadChanged: Error {}
