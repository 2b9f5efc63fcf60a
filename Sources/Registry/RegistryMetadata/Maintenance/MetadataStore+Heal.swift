// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryStorage

extension MetadataStore {
    /// Lets a blob use another copy of its content; false when the blob is gone or another copy was faster.
    package func healBlob(_ broken: BlobKey, with key: BlobKey) async throws -> Bool {
        try await writeRetrying { try Self.heal(broken, with: key, $0) != nil }
    }

    /// Lets a blob use another copy of its content; nil when another upload was faster.
    static func heal(
        _ broken: BlobKey,
        with key: BlobKey,
        _ connection: any SQLConnection
    ) throws -> Int64? {
        let healed = try connection.first(
            "UPDATE blob SET storage_key = $1 WHERE storage_key = $2 RETURNING id",
            [.text(key.text), .text(broken.text)]
        )
        guard let id = try healed?.integer(0) else { return nil }
        try refuseCondemned(key, connection)
        try noteRemoval(broken.text, connection)
        try releaseQuarantine(ofBlob: id, connection)
        return id
    }

    /// Sets the damaged content of a blob aside, so that it is not served; false when the blob is gone or healed.
    ///
    /// The blob gets a new key under which nothing lies. So every reader finds its content missing, and the next publish of
    /// the same bytes heals it, on all nodes from this moment on and whatever the store is.
    package func quarantine(_ blob: StoredBlob) async throws -> Bool {
        // Before all other keys of this digest, so that a check that walks through the keys does not meet it again.
        let empty = BlobKey(sha256: blob.sha256, upload: UploadID(0, UInt64.random(in: 0 ... .max)))
        return try await writeRetrying(telling: .deletion) { connection in
            let moved = try connection.first(
                "UPDATE blob SET storage_key = $1 WHERE storage_key = $2 RETURNING id",
                [.text(empty.text), .text(blob.key.text)]
            )
            guard let id = try moved?.integer(0) else { return false }
            try connection.execute(
                "INSERT INTO quarantine (storage_key, blob_id, quarantined_at) VALUES ($1, $2, $3)",
                [.text(blob.key.text), .integer(id), .time(try connection.now())]
            )
            return true
        }
    }

    /// The key under which damaged content of a blob is kept aside; nil when there is none.
    package func quarantinedKey(ofBlob id: Int64) async throws -> BlobKey? {
        try await database.read { connection in
            try connection.first(
                "SELECT storage_key FROM quarantine WHERE blob_id = $1 ORDER BY quarantined_at DESC LIMIT 1",
                [.integer(id)]
            )?.blobKey(0)
        }
    }

    /// Gives the damaged content of a blob free for removal: the blob was healed or deleted.
    static func releaseQuarantine(ofBlob id: Int64, _ connection: any SQLConnection) throws {
        let keys = try connection.query(
            "DELETE FROM quarantine WHERE blob_id = $1 RETURNING storage_key",
            [.integer(id)]
        )
        for key in keys { try noteRemoval(try key.text(0), connection) }
    }

    /// Notes content for removal.
    static func noteRemoval(_ key: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO blob_removal (storage_key) VALUES ($1) ON CONFLICT (storage_key) DO NOTHING",
            [.text(key)]
        )
    }
}
