// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// The blobs: which content exists, under which key, with which digests.
package struct BlobIndex: Sendable {
    let database: MetadataDatabase

    /// Finds the blob of some content.
    package func blob(sha256: Digest, sizeInBytes: Int64) async throws -> StoredBlob? {
        try await database.read { try $0.blobs.find(sha256: sha256, sizeInBytes: sizeInBytes) }
    }

    /// Returns whether a blob has its content under a key.
    package func hasBlob(_ key: BlobKey) async throws -> Bool {
        try await database.read { tx in
            try tx.exists("SELECT id FROM blob WHERE storage_key = $1", [.text(key.text)])
        }
    }

    /// Returns some of the blobs in the order of their keys, after one; none at the end.
    package func blobs(after key: BlobKey?, limit: Int) async throws -> [StoredBlob] {
        try await database.read { tx in
            try tx.all(
                "SELECT \(StoredBlob.columns) FROM blob WHERE storage_key > $1 ORDER BY storage_key LIMIT $2",
                [.text(key?.text ?? ""), .integer(Int64(limit))]
            )
        }
    }

    /// Returns some of the blobs whose further digests are not known yet, the oldest first.
    package func blobsWithoutDigests(after id: Int64, limit: Int) async throws -> [StoredBlob] {
        try await database.read { tx in
            try tx.all(
                "SELECT \(StoredBlob.columns) FROM blob WHERE sha512 IS NULL AND id > $1 ORDER BY id LIMIT $2",
                [.integer(id), .integer(Int64(limit))]
            )
        }
    }

    /// Adds the digests that were computed after the publish.
    package func setDigests(_ digests: FileDigests, ofBlob id: Int64) async throws {
        try await database.write { tx in
            _ = try tx.execute(
                "UPDATE blob SET md5 = $1, sha1 = $2, sha512 = $3 WHERE id = $4 AND sha256 = $5",
                [
                    .digest(digests.md5), .digest(digests.sha1), .digest(digests.sha512), .integer(id),
                    .digest(digests.sha256),
                ]
            )
        }
    }

    /// Returns the files that have a blob's content, also those of drafts.
    package func use(ofBlob id: Int64, limit: Int) async throws -> BlobUse {
        try await database.read { tx in
            let count = try tx.integer(
                """
                SELECT (SELECT COUNT(*) FROM file WHERE blob_id = $1) + (SELECT COUNT(*) FROM draft_file WHERE blob_id = $1)
                """,
                [.integer(id)]
            )
            let paths = try tx.all(
                """
                SELECT owner.name, package.name, version.version, file.name, file.id AS place
                FROM file
                JOIN version ON version.id = file.version_id
                JOIN package ON package.id = version.package_id
                JOIN owner ON owner.id = package.owner_id
                WHERE file.blob_id = $1
                UNION ALL
                SELECT owner.name, draft.package, draft.version, draft_file.name, draft_file.id
                FROM draft_file
                JOIN draft ON draft.id = draft_file.draft_id
                JOIN owner ON owner.id = draft.owner_id
                WHERE draft_file.blob_id = $1
                ORDER BY place LIMIT $2
                """,
                [.integer(id), .integer(Int64(limit))]
            ) { "\(try $0.text())/\(try $0.text())@\(try $0.text())/\(try $0.text())" }
            return BlobUse(count: count ?? 0, paths: paths)
        }
    }

    /// Makes a blob use another copy of its content; returns false if the blob is gone or another copy was faster.
    package func heal(_ broken: BlobKey, with key: BlobKey) async throws -> Bool {
        try await database.write { try $0.blobs.heal(broken, with: key) != nil }
    }

    /// Sets the damaged content of a blob aside so that it is not served; returns false if the blob is gone or healed.
    ///
    /// The blob gets a new key without content. Every reader on every node then finds its content missing, and the next publish of
    /// the same bytes heals it, whatever the store is.
    package func quarantine(_ blob: StoredBlob) async throws -> Bool {
        // Before all other keys of this digest, so that a check that walks through the keys does not meet it again.
        let empty = BlobKey(sha256: blob.sha256, upload: UploadID(0, UInt64.random(in: 0 ... .max)))
        return try await database.write(telling: .deletion) { tx in
            guard let id = try tx.blobs.move(blob.key, to: empty) else { return false }
            try tx.execute(
                "INSERT INTO quarantine (storage_key, blob_id, quarantined_at) VALUES ($1, $2, $3)",
                [.text(blob.key.text), .integer(id), .time(try tx.now)]
            )
            return true
        }
    }

    /// Returns the key under which a blob's damaged content is kept aside; nil if there is none.
    package func quarantinedKey(ofBlob id: Int64) async throws -> BlobKey? {
        try await database.read { tx in
            try tx.first(
                "SELECT storage_key FROM quarantine WHERE blob_id = $1 ORDER BY quarantined_at DESC LIMIT 1",
                [.integer(id)]
            ) { try $0.blobKey() }
        }
    }
}

/// The files that have a blob's content.
package struct BlobUse: Hashable, Sendable {
    /// The number of all of them.
    package let count: Int64
    /// The first of them, as `owner/package@version/file`.
    package let paths: [String]

    package init(count: Int64, paths: [String]) {
        self.count = count
        self.paths = paths
    }
}
