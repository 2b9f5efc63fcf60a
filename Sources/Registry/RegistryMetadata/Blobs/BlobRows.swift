// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var blobs: BlobRows { BlobRows(tx: self) }
}

/// The table of blobs, and the tables of content to look at, to remove or to keep aside.
struct BlobRows {
    let tx: Transaction

    private static let byDigest: SQL =
        "SELECT \(StoredBlob.columns) FROM blob WHERE blob.sha256 = $1 AND blob.size = $2"

    func find(sha256: Digest, sizeInBytes: Int64) throws -> StoredBlob? {
        try tx.first(Self.byDigest, [.digest(sha256), .integer(sizeInBytes)])
    }

    /// Finds the blob of a file's content or adds one; a blob whose content is broken takes over the file's copy.
    func findOrInsert(_ file: NewFile, _ now: Timestamp) throws -> (id: Int64, key: BlobKey) {
        let inserted = try tx.integer(
            """
            INSERT INTO blob (sha256, size, storage_key, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (sha256, size) DO NOTHING RETURNING id
            """,
            [.digest(file.sha256), .integer(file.sizeInBytes), .text(file.key.text), .time(now)]
        )
        if let inserted {
            try refuseCondemned(file.key)
            return (inserted, file.key)
        }
        if let broken = file.healing, let healed = try heal(broken, with: file.key) { return (healed, file.key) }
        guard let found = try find(sha256: file.sha256, sizeInBytes: file.sizeInBytes) else {
            throw SQLError(.conflict, "an identical blob was collected concurrently")
        }
        return (found.id, found.key)
    }

    /// Makes a blob use another copy of its content; nil if another transaction did so first.
    func heal(_ broken: BlobKey, with key: BlobKey) throws -> Int64? {
        guard let id = try move(broken, to: key) else { return nil }
        try refuseCondemned(key)
        try noteRemoval(broken)
        try releaseQuarantine(ofBlob: id)
        return id
    }

    /// Gives a blob another key and returns its number; nil if no blob has the old one.
    func move(_ old: BlobKey, to new: BlobKey) throws -> Int64? {
        try tx.integer(
            "UPDATE blob SET storage_key = $1 WHERE storage_key = $2 RETURNING id",
            [.text(new.text), .text(old.text)]
        )
    }

    /// Notes blobs that lost a file for the next garbage collection.
    ///
    /// The update locks a row that exists, so that a concurrent collection waits for this transaction instead of missing it.
    func noteCandidates(_ blobs: [Int64]) throws {
        // In one order, so that two deletes of the same content never wait for each other in a circle.
        for blob in Set(blobs).sorted() {
            try tx.execute(
                """
                INSERT INTO blob_candidate (blob_id) VALUES ($1)
                ON CONFLICT (blob_id) DO UPDATE SET blob_id = excluded.blob_id
                """,
                [.integer(blob)]
            )
        }
    }

    /// Notes content for removal.
    func noteRemoval(_ key: BlobKey) throws {
        try tx.execute(
            "INSERT INTO blob_removal (storage_key) VALUES ($1) ON CONFLICT (storage_key) DO NOTHING",
            [.text(key.text)]
        )
    }

    /// Notes the damaged content of a blob that was healed or deleted for removal.
    func releaseQuarantine(ofBlob id: Int64) throws {
        let keys = try tx.all("DELETE FROM quarantine WHERE blob_id = $1 RETURNING storage_key", [.integer(id)]) {
            try $0.blobKey()
        }
        for key in keys { try noteRemoval(key) }
    }

    /// Fails a publish whose content was condemned before its blob's row was written.
    func refuseCondemned(_ key: BlobKey) throws {
        let isCondemned = try tx.exists("SELECT 1 FROM condemned_key WHERE storage_key = $1", [.text(key.text)])
        guard !isCondemned else {
            throw BlobStoreError(.unavailable, "content \(key) was taken for left over before its publish was recorded")
        }
    }

    /// Returns whether no blob and no piece of an upload has a key, nor one of a concurrent transaction.
    ///
    /// Inserting rows waits for that transaction's end; they are deleted again.
    func isUnused(_ key: BlobKey) throws -> Bool {
        guard try !tx.exists("SELECT 1 FROM quarantine WHERE storage_key = $1", [.text(key.text)]) else { return false }
        let inserted = try tx.integer(
            """
            INSERT INTO blob (sha256, size, storage_key, created_at) VALUES ($1, -1, $2, 0)
            ON CONFLICT (storage_key) DO NOTHING RETURNING id
            """,
            [.bytes(Array(key.text.utf8)), .text(key.text)]
        )
        guard let inserted else { return false }
        try tx.execute("DELETE FROM blob WHERE id = $1", [.integer(inserted)])
        let isFree = try tx.exists(
            """
            INSERT INTO upload_part (storage_key, start, size) VALUES ($1, 0, 0)
            ON CONFLICT (storage_key) DO NOTHING RETURNING storage_key
            """,
            [.text(key.text)]
        )
        guard isFree else { return false }
        try tx.execute("DELETE FROM upload_part WHERE storage_key = $1", [.text(key.text)])
        return true
    }
}

extension StoredBlob: SQLRecord {
    static let columns: SQL = """
        blob.id, blob.storage_key, blob.size, blob.sha256, blob.md5, blob.sha1, blob.sha512
        """

    init(reading row: inout RowReader) throws {
        let (id, key, size) = (try row.integer(), try row.blobKey(), try row.integer())
        let sha256 = try row.digest(.sha256)
        let (md5, sha1) = (try row.optionalDigest(.md5), try row.optionalDigest(.sha1))
        let sha512 = try row.optionalDigest(.sha512)
        var digests: FileDigests?
        if let md5, let sha1, let sha512 {
            digests = FileDigests(md5: md5, sha1: sha1, sha256: sha256, sha512: sha512)
        }
        self.init(id: id, key: key, sizeInBytes: size, sha256: sha256, digests: digests)
    }
}

extension RowReader {
    /// Reads the key of a blob's content.
    mutating func blobKey() throws -> BlobKey { try value(BlobKey.init) }
}
