// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Deletes a version with all its files, and its package with the last version; false when there is none.
    package func deleteVersion(_ version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            guard let id = try Self.lockVersion(version, owner: owner, connection) else { return false }
            let blobs = try connection.query(
                "DELETE FROM file WHERE version_id = $1 RETURNING blob_id",
                [.integer(id)]
            )
            try Self.noteCandidates(blobs, connection)
            try Self.deleteEmptyVersion(id, version, owner: owner, connection)
            return true
        }
    }

    /// Deletes a file, and its version with the last file; false when there is none.
    package func deleteFile(_ file: FileCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            let version = file.versionCoordinate
            guard let id = try Self.lockVersion(version, owner: owner, connection) else { return false }
            let blobs = try connection.query(
                "DELETE FROM file WHERE version_id = $1 AND lower_name = $2 RETURNING blob_id",
                [.integer(id), .text(file.file.folded)]
            )
            guard !blobs.isEmpty else { return false }
            try Self.noteCandidates(blobs, connection)
            if try connection.first("SELECT id FROM file WHERE version_id = $1 LIMIT 1", [.integer(id)]) == nil {
                try Self.deleteEmptyVersion(id, version, owner: owner, connection)
            }
            return true
        }
    }

    /// Tells the garbage collection which blobs lost a file; the update locks a row that is there already, so that a
    /// collection at the same moment waits for this transaction instead of overlooking it.
    private static func noteCandidates(_ rows: [SQLRow], _ connection: any SQLConnection) throws {
        for row in rows {
            try connection.execute(
                """
                INSERT INTO blob_candidate (blob_id) VALUES ($1)
                ON CONFLICT (blob_id) DO UPDATE SET blob_id = excluded.blob_id
                """,
                [.integer(try row.integer(0))]
            )
        }
    }

    /// Finds a version and locks its row, so that two deletes of its last two files can not both leave it behind.
    private static func lockVersion(
        _ version: VersionCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws -> Int64? {
        guard let id = try versionID(version, owner: owner, connection) else { return nil }
        let locked = try connection.execute(
            "UPDATE version SET lower_version = lower_version WHERE id = $1",
            [.integer(id)]
        )
        return locked == 1 ? id : nil
    }

    private static func deleteEmptyVersion(
        _ id: Int64,
        _ version: VersionCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute("DELETE FROM version WHERE id = $1", [.integer(id)])
        try connection.execute(
            """
            DELETE FROM package WHERE owner_id = $1 AND lower_name = $2
                AND NOT EXISTS (SELECT 1 FROM version WHERE version.package_id = package.id)
            """,
            [.integer(owner), .text(version.package.folded)]
        )
    }
}
