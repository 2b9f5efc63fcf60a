// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

extension MetadataStore {
    /// The blob of some content; nil when there is none.
    package func blob(sha256: Digest, sizeInBytes: Int64) async throws -> StoredBlob? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT id, storage_key, size, sha256, md5, sha1, sha512 FROM blob WHERE sha256 = $1 AND size = $2
                """,
                [.digest(sha256), .integer(sizeInBytes)]
            ).map { try StoredBlob(row: $0, at: 0) }
        }
    }

    /// Whether a blob has its content under a key.
    package func hasBlob(_ key: BlobKey) async throws -> Bool {
        try await database.read { connection in
            try connection.first("SELECT id FROM blob WHERE storage_key = $1", [.text(key.text)]) != nil
        }
    }

    /// Some of the blobs whose further digests are not known yet, the oldest first.
    package func blobsWithoutDigests(after id: Int64, limit: Int) async throws -> [StoredBlob] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT id, storage_key, size, sha256, md5, sha1, sha512 FROM blob
                WHERE sha512 IS NULL AND id > $1 ORDER BY id LIMIT $2
                """,
                [.integer(id), .integer(Int64(limit))]
            ).map { try StoredBlob(row: $0, at: 0) }
        }
    }

    /// Adds the digests that were computed after the publish.
    package func setDigests(_ digests: FileDigests, ofBlob id: Int64) async throws {
        try await database.write { connection in
            _ = try connection.execute(
                "UPDATE blob SET md5 = $1, sha1 = $2, sha512 = $3 WHERE id = $4 AND sha256 = $5",
                [
                    .digest(digests.md5), .digest(digests.sha1), .digest(digests.sha512), .integer(id),
                    .digest(digests.sha256),
                ]
            )
        }
    }

    /// Looks at some of the blobs that lost a file, deletes those that no file refers to any more, and notes their content
    /// for removal; returns at how many it looked.
    ///
    /// On a database server it waits for no other transaction: a blob that one of them uses is left to the next collection.
    package func collectBlobs(limit: Int) async throws -> Int {
        try await writeRetrying { [dialect = database.dialect] connection in
            let candidates = try connection.query(
                dialect == .sqlite
                    ? """
                    DELETE FROM blob_candidate
                    WHERE blob_id IN (SELECT blob_id FROM blob_candidate ORDER BY blob_id LIMIT $1)
                    RETURNING blob_id
                    """
                    : """
                    DELETE FROM blob_candidate
                    WHERE blob_id IN (SELECT blob_id FROM blob_candidate ORDER BY blob_id LIMIT $1 FOR UPDATE SKIP LOCKED)
                    RETURNING blob_id
                    """,
                [.integer(Int64(limit))]
            )
            var left = 0
            for candidate in candidates {
                if dialect == .postgres, try Self.isInUse(candidate.integer(0), connection) {
                    try Self.noteCandidates([candidate], connection)
                    left += 1
                    continue
                }
                let deleted = try connection.first(
                    """
                    DELETE FROM blob
                    WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.blob_id = blob.id)
                        AND NOT EXISTS (SELECT 1 FROM draft_file WHERE draft_file.blob_id = blob.id)
                    RETURNING storage_key
                    """,
                    [.integer(try candidate.integer(0))]
                )
                guard let deleted else { continue }
                try Self.noteRemoval(try deleted.text(0), connection)
                try Self.releaseQuarantine(ofBlob: try candidate.integer(0), connection)
            }
            return candidates.count - left
        }
    }

    /// Whether another transaction is about to refer to a blob that nothing refers to; locks the blob when none is.
    private static func isInUse(_ blob: Int64, _ connection: any SQLConnection) throws -> Bool {
        let locked = try connection.first(
            """
            SELECT id FROM blob
            WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.blob_id = blob.id)
                AND NOT EXISTS (SELECT 1 FROM draft_file WHERE draft_file.blob_id = blob.id)
            FOR UPDATE SKIP LOCKED
            """,
            [.integer(blob)]
        )
        guard locked == nil else { return false }
        return try connection.first(
            """
            SELECT id FROM blob
            WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.blob_id = blob.id)
                AND NOT EXISTS (SELECT 1 FROM draft_file WHERE draft_file.blob_id = blob.id)
            """,
            [.integer(blob)]
        ) != nil
    }

    /// Notes content for removal that no blob uses and that never will be used.
    package func noteRemoval(_ key: BlobKey) async throws {
        try await database.write { try Self.noteRemoval(key.text, $0) }
    }

    /// Some of the keys whose content is to be removed, in their order, behind a key.
    package func pendingRemovals(after key: BlobKey? = nil, limit: Int) async throws -> [BlobKey] {
        try await database.read { connection in
            try connection.query(
                "SELECT storage_key FROM blob_removal WHERE storage_key > $1 ORDER BY storage_key LIMIT $2",
                [.text(key?.text ?? ""), .integer(Int64(limit))]
            ).map { try $0.blobKey(0) }
        }
    }

    /// Forgets keys whose content was removed.
    package func forgetRemovals(_ keys: [BlobKey]) async throws {
        try await database.write { connection in
            for key in keys {
                try connection.execute("DELETE FROM blob_removal WHERE storage_key = $1", [.text(key.text)])
            }
        }
    }
}
