// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Deletes a version with all its files, and its package with the last version; false when there is none.
    package func deleteVersion(_ version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying(telling: .deletion) { connection in
            guard let id = try self.lockVersion(version, owner: owner, connection) else { return false }
            let blobs = try connection.query(
                "DELETE FROM file WHERE version_id = $1 RETURNING blob_id",
                [.integer(id)]
            )
            try Self.deleteEmptyVersion(id, connection)
            try Self.noteCandidates(blobs, connection)
            try Self.release(blobs, versions: 1, owner: owner, connection)
            return true
        }
    }

    /// Deletes a file, and its version with the last file; false when there is none.
    package func deleteFile(_ file: FileCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying(telling: .deletion) { connection in
            let version = file.versionCoordinate
            guard let id = try self.lockVersion(version, owner: owner, connection) else { return false }
            let blobs = try connection.query(
                "DELETE FROM file WHERE version_id = $1 AND lower_name = $2 RETURNING blob_id",
                [.integer(id), .text(file.file.folded)]
            )
            guard !blobs.isEmpty else { return false }
            let left = try connection.first("SELECT id FROM file WHERE version_id = $1 LIMIT 1", [.integer(id)])
            if left == nil { try Self.deleteEmptyVersion(id, connection) }
            try Self.noteCandidates(blobs, connection)
            try Self.release(blobs, versions: left == nil ? 1 : 0, owner: owner, connection)
            return true
        }
    }

    /// Tells the garbage collection which blobs lost a file; the update locks a row that is there already, so that a
    /// collection at the same moment waits for this transaction instead of overlooking it.
    static func noteCandidates(_ rows: [SQLRow], _ connection: any SQLConnection) throws {
        try noteCandidates(rows.map { try $0.integer(0) }, connection)
    }

    /// Does so for blobs by their numbers, after all versions and files are locked.
    static func noteCandidates(_ blobs: [Int64], _ connection: any SQLConnection) throws {
        // In one order, so that two deletes of the same content never wait for each other.
        for blob in Set(blobs).sorted() {
            try connection.execute(
                """
                INSERT INTO blob_candidate (blob_id) VALUES ($1)
                ON CONFLICT (blob_id) DO UPDATE SET blob_id = excluded.blob_id
                """,
                [.integer(blob)]
            )
        }
    }

    /// Finds a version and locks its package, so that two deletes of its last two files cannot both leave it behind, and itself, so that
    /// whoever adds files to it is through with all of them, or has not begun.
    func lockVersion(
        _ version: VersionCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws -> Int64? {
        let locked = try connection.execute(
            "UPDATE package SET lower_name = lower_name WHERE owner_id = $1 AND lower_name = $2",
            [.integer(owner), .text(version.package.folded)]
        )
        // A package that appears a moment later is not locked: its version must not be found either.
        guard locked > 0, let id = try Self.versionID(version, owner: owner, connection) else { return nil }
        guard database.dialect == .postgres else { return id }
        // It is there still: who deletes it locks the package, too.
        return try connection.first("SELECT id FROM version WHERE id = $1 FOR UPDATE", [.integer(id)])?.integer(0)
    }

    private static func deleteEmptyVersion(_ id: Int64, _ connection: any SQLConnection) throws {
        let deleted = try connection.first("DELETE FROM version WHERE id = $1 RETURNING package_id", [.integer(id)])
        guard let deleted else { return }
        let package = try deleted.integer(0)
        try connection.execute(
            "UPDATE package SET version_count = version_count - 1 WHERE id = $1",
            [.integer(package)]
        )
        try connection.execute("DELETE FROM package WHERE id = $1 AND version_count = 0", [.integer(package)])
    }
}
