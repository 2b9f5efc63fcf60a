// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryStorage

extension MetadataStore {
    /// Those of some keys that no row knows: not of a blob or a piece of an upload, nor of content that is removed soon or
    /// kept in quarantine.
    package func unknownKeys(_ keys: [BlobKey]) async throws -> [BlobKey] {
        try await database.read { connection in
            try keys.filter { key in
                try connection.first(
                    """
                    SELECT 1 FROM blob WHERE storage_key = $1
                    UNION ALL SELECT 1 FROM blob_removal WHERE storage_key = $1
                    UNION ALL SELECT 1 FROM quarantine WHERE storage_key = $1
                    UNION ALL SELECT 1 FROM upload_part WHERE storage_key = $1
                    """,
                    [.text(key.text)]
                ) == nil
            }
        }
    }

    /// Notes content for removal that no blob uses, and sees to it that none ever will; returns those keys.
    ///
    /// A publish may have committed its content long ago and record it only now. It looks at `condemned_key` after its
    /// blob's row is written; here the order is the other way round. So one of the two sees the other: whoever sees a
    /// condemned key gives up, and a row that is written at this moment makes the second transaction wait for its end.
    package func condemn(_ keys: [BlobKey]) async throws -> [BlobKey] {
        guard !keys.isEmpty else { return [] }
        // In one order everywhere, so that two nodes cannot wait for each other's rows.
        let keys = keys.sorted()
        try await writeRetrying { connection in
            let now = try connection.now()
            for key in keys {
                try connection.execute(
                    """
                    INSERT INTO condemned_key (storage_key, condemned_at) VALUES ($1, $2)
                    ON CONFLICT (storage_key) DO UPDATE SET condemned_at = excluded.condemned_at
                    """,
                    [.text(key.text), .time(now)]
                )
            }
        }
        return try await writeRetrying { connection in
            try keys.filter { key in
                let isUnused = try Self.isUnused(key, connection)
                try connection.execute(
                    isUnused
                        ? "INSERT INTO blob_removal (storage_key) VALUES ($1) ON CONFLICT (storage_key) DO NOTHING"
                        : "DELETE FROM condemned_key WHERE storage_key = $1",
                    [.text(key.text)]
                )
                return isUnused
            }
        }
    }

    /// Forgets condemned keys after so long that no publish can still be on its way.
    package func forgetCondemnedKeys(olderThan age: Duration) async throws {
        try await database.write { connection in
            let limit = try connection.now().adding(.zero - age)
            _ = try connection.execute("DELETE FROM condemned_key WHERE condemned_at < $1", [.time(limit)])
        }
    }

    /// How many blobs and contents the next garbage collection looks at or removes.
    package func pendingRemovalCount() async throws -> Int {
        try await database.read { connection in
            let counts = try connection.first(
                "SELECT (SELECT COUNT(*) FROM blob_candidate) + (SELECT COUNT(*) FROM blob_removal)",
                []
            )
            return Int(try counts?.integer(0) ?? 0)
        }
    }

    /// Whether no blob and no piece of an upload has a key, also not one of a transaction that is under way: rows are
    /// inserted, which waits for that transaction's end, and deleted again.
    private static func isUnused(_ key: BlobKey, _ connection: any SQLConnection) throws -> Bool {
        let quarantined = try connection.first("SELECT 1 FROM quarantine WHERE storage_key = $1", [.text(key.text)])
        guard quarantined == nil else { return false }
        let inserted = try connection.first(
            """
            INSERT INTO blob (sha256, size, storage_key, created_at) VALUES ($1, -1, $2, 0)
            ON CONFLICT (storage_key) DO NOTHING RETURNING id
            """,
            [.bytes(Array(key.text.utf8)), .text(key.text)]
        )
        guard let inserted else { return false }
        try connection.execute("DELETE FROM blob WHERE id = $1", [.integer(try inserted.integer(0))])
        let part = try connection.first(
            """
            INSERT INTO upload_part (storage_key, start, size) VALUES ($1, 0, 0)
            ON CONFLICT (storage_key) DO NOTHING RETURNING storage_key
            """,
            [.text(key.text)]
        )
        guard part != nil else { return false }
        try connection.execute("DELETE FROM upload_part WHERE storage_key = $1", [.text(key.text)])
        return true
    }

    /// Gives up a publish whose content was condemned before its blob's row was written.
    static func refuseCondemned(_ key: BlobKey, _ connection: any SQLConnection) throws {
        let condemned = try connection.first(
            "SELECT 1 FROM condemned_key WHERE storage_key = $1",
            [.text(key.text)]
        )
        guard condemned == nil else {
            throw BlobStoreError(.unavailable, "content \(key) was taken for left over before its publish was recorded")
        }
    }
}
