// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Deletes a version with all its files, and its package with the last version; false when there is none.
    package func deleteVersion(_ version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            guard let id = try Self.lockVersion(version, owner: owner, connection) else { return false }
            try connection.execute("DELETE FROM file WHERE version_id = $1", [.integer(id)])
            try Self.deleteEmptyVersion(id, version, owner: owner, connection)
            return true
        }
    }

    /// Deletes a file, and its version with the last file; false when there is none.
    package func deleteFile(_ file: FileCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            let version = file.versionCoordinate
            guard let id = try Self.lockVersion(version, owner: owner, connection) else { return false }
            let deleted = try connection.execute(
                "DELETE FROM file WHERE version_id = $1 AND lower_name = $2",
                [.integer(id), .text(file.file.folded)]
            )
            guard deleted == 1 else { return false }
            if try connection.first("SELECT id FROM file WHERE version_id = $1 LIMIT 1", [.integer(id)]) == nil {
                try Self.deleteEmptyVersion(id, version, owner: owner, connection)
            }
            return true
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
