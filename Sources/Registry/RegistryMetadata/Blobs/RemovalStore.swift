// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Content that is to be removed: of blobs that lost their last file, of uploads, and left over by failures.
package struct RemovalStore: Sendable {
    let database: MetadataDatabase

    /// Notes a blob for the next garbage collection.
    package func noteCandidate(_ id: Int64) async throws {
        try await database.write { tx in
            _ = try tx.execute(
                "INSERT INTO blob_candidate (blob_id) VALUES ($1) ON CONFLICT (blob_id) DO NOTHING",
                [.integer(id)]
            )
        }
    }

    /// Looks at some of the blobs that lost a file, deletes those without any file, and notes their content for removal.
    ///
    /// Returns the number of blobs that it looked at. On a database server it waits for no other transaction: a blob that one of them
    /// uses is left to the next collection.
    package func collectBlobs(limit: Int) async throws -> Int {
        try await database.write { tx in
            let skipping: SQL = tx.dialect == .postgres ? " FOR UPDATE SKIP LOCKED" : ""
            let candidates = try tx.all(
                """
                DELETE FROM blob_candidate
                WHERE blob_id IN (SELECT blob_id FROM blob_candidate ORDER BY blob_id LIMIT $1\(skipping))
                RETURNING blob_id
                """,
                [.integer(Int64(limit))]
            ) { try $0.integer() }
            var left = 0
            for blob in candidates {
                if tx.dialect == .postgres, try Self.isInUse(blob, tx) {
                    try tx.blobs.noteCandidates([blob])
                    left += 1
                    continue
                }
                let deleted = try tx.first(
                    "DELETE FROM blob WHERE \(Self.isUnreferenced) RETURNING storage_key",
                    [.integer(blob)]
                ) { try $0.blobKey() }
                guard let deleted else { continue }
                try tx.blobs.noteRemoval(deleted)
                try tx.blobs.releaseQuarantine(ofBlob: blob)
            }
            return candidates.count - left
        }
    }

    private static let isUnreferenced: SQL = """
        blob.id = $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.blob_id = blob.id)
        AND NOT EXISTS (SELECT 1 FROM draft_file WHERE draft_file.blob_id = blob.id)
        """

    /// Returns whether another transaction is about to refer to a blob that nothing refers to; locks the blob if none is.
    private static func isInUse(_ blob: Int64, _ tx: Transaction) throws -> Bool {
        let isLocked = try tx.exists(
            "SELECT id FROM blob WHERE \(isUnreferenced) FOR UPDATE SKIP LOCKED",
            [.integer(blob)]
        )
        return try !isLocked && tx.exists("SELECT id FROM blob WHERE \(isUnreferenced)", [.integer(blob)])
    }

    /// Notes content for removal that no blob uses and no blob ever will.
    package func noteRemoval(_ key: BlobKey) async throws {
        try await database.write { try $0.blobs.noteRemoval(key) }
    }

    /// Returns some of the keys whose content is to be removed, in their order, after one.
    package func pendingRemovals(after key: BlobKey? = nil, limit: Int) async throws -> [BlobKey] {
        try await database.read { tx in
            try tx.all(
                "SELECT storage_key FROM blob_removal WHERE storage_key > $1 ORDER BY storage_key LIMIT $2",
                [.text(key?.text ?? ""), .integer(Int64(limit))]
            ) { try $0.blobKey() }
        }
    }

    /// Returns how many blobs and contents the next garbage collection looks at or removes.
    package func pendingRemovalCount() async throws -> Int {
        try await database.read { tx in
            Int(
                try tx.integer("SELECT (SELECT COUNT(*) FROM blob_candidate) + (SELECT COUNT(*) FROM blob_removal)")
                    ?? 0
            )
        }
    }

    /// Forgets keys whose content was removed.
    package func forgetRemovals(_ keys: [BlobKey]) async throws {
        try await database.write { tx in
            for key in keys { try tx.execute("DELETE FROM blob_removal WHERE storage_key = $1", [.text(key.text)]) }
        }
    }

    /// Returns those of some keys that no row knows: no blob, no piece of an upload, no content noted for removal or kept aside.
    package func unknownKeys(_ keys: [BlobKey]) async throws -> [BlobKey] {
        try await database.read { tx in
            try keys.filter { key in
                try !tx.exists(
                    """
                    SELECT 1 FROM blob WHERE storage_key = $1
                    UNION ALL SELECT 1 FROM blob_removal WHERE storage_key = $1
                    UNION ALL SELECT 1 FROM quarantine WHERE storage_key = $1
                    UNION ALL SELECT 1 FROM upload_part WHERE storage_key = $1
                    """,
                    [.text(key.text)]
                )
            }
        }
    }

    /// Notes content for removal that no blob uses, and ensures that none ever will; returns those keys.
    ///
    /// A publish may have stored its content long ago and record it only now. It reads `condemned_key` after it has written its blob's
    /// row; here the order is the opposite. So one of the two sees the other: a publish that sees a condemned key fails, and a row that
    /// is being written makes the second transaction wait for its end.
    package func condemn(_ keys: [BlobKey]) async throws -> [BlobKey] {
        guard !keys.isEmpty else { return [] }
        // In one order everywhere, so that two nodes cannot wait for each other's rows.
        let keys = keys.sorted()
        try await database.write { tx in
            let now = try tx.now
            for key in keys {
                try tx.execute(
                    """
                    INSERT INTO condemned_key (storage_key, condemned_at) VALUES ($1, $2)
                    ON CONFLICT (storage_key) DO UPDATE SET condemned_at = excluded.condemned_at
                    """,
                    [.text(key.text), .time(now)]
                )
            }
        }
        return try await database.write { tx in
            try keys.filter { key in
                let isUnused = try tx.blobs.isUnused(key)
                if isUnused {
                    try tx.blobs.noteRemoval(key)
                } else {
                    try tx.execute("DELETE FROM condemned_key WHERE storage_key = $1", [.text(key.text)])
                }
                return isUnused
            }
        }
    }

    /// Forgets condemned keys after so long that no publish of them can still run.
    package func forgetCondemnedKeys(olderThan age: Duration) async throws {
        try await database.write { tx in
            let limit = try tx.now.adding(.zero - age)
            _ = try tx.execute("DELETE FROM condemned_key WHERE condemned_at < $1", [.time(limit)])
        }
    }
}
