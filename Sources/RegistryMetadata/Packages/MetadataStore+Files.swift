// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// The file at a coordinate of an owner; nil when there is none.
    package func file(_ file: FileCoordinate, owner: Int64) async throws -> StoredFile? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT file.name, file.created_at, file.download_count,
                    blob.id, blob.storage_key, blob.size, blob.sha256, blob.md5, blob.sha1, blob.sha512
                FROM package
                JOIN version ON version.package_id = package.id
                JOIN file ON file.version_id = version.id
                JOIN blob ON blob.id = file.blob_id
                WHERE package.owner_id = $1 AND package.lower_name = $2
                    AND version.lower_version = $3 AND file.lower_name = $4
                """,
                [.integer(owner), .text(file.package.folded), .text(file.version.folded), .text(file.file.folded)]
            ).map(StoredFile.init(row:))
        }
    }

    /// Whether a version of an owner exists.
    package func hasVersion(_ version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await database.read { connection in
            try Self.versionID(version, owner: owner, connection) != nil
        }
    }

    /// A version with its files in the order of their names; nil when there is none.
    package func versionWithFiles(
        _ version: VersionCoordinate,
        owner: Int64
    ) async throws -> (package: PackageName, version: StoredVersion, files: [StoredFile])? {
        try await database.read { connection in
            guard let id = try Self.versionID(version, owner: owner, connection) else { return nil }
            let row = try connection.first(
                """
                SELECT version.id, version.version, owner.name, version.created_at, 0, 0, package.name
                FROM version
                JOIN package ON package.id = version.package_id
                LEFT JOIN owner ON owner.id = version.creator_id
                WHERE version.id = $1
                """,
                [.integer(id)]
            )
            guard let row else { return nil }
            let files = try connection.query(
                """
                SELECT file.name, file.created_at, file.download_count,
                    blob.id, blob.storage_key, blob.size, blob.sha256, blob.md5, blob.sha1, blob.sha512
                FROM file JOIN blob ON blob.id = file.blob_id
                WHERE file.version_id = $1 ORDER BY file.lower_name
                """,
                [.integer(id)]
            )
            return (try PackageName(try row.text(6)), try StoredVersion(row: row), try files.map(StoredFile.init(row:)))
        }
    }

    static func versionID(
        _ version: VersionCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws -> Int64? {
        try connection.first(
            """
            SELECT version.id FROM package JOIN version ON version.package_id = package.id
            WHERE package.owner_id = $1 AND package.lower_name = $2 AND version.lower_version = $3
            """,
            [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
        )?.integer(0)
    }
}

extension StoredFile {
    /// Reads the columns `name, created_at, download_count` and those of the blob.
    init(row: SQLRow) throws {
        self.init(
            name: try FileName(try row.text(0)),
            blob: try StoredBlob(row: row, at: 3),
            createdAt: try row.time(1),
            downloadCount: try row.integer(2)
        )
    }
}
