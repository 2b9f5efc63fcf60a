// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// An owner, what an account's access to its packages depends on, and a file of it, if it is there: the one look-up that
    /// a download needs.
    ///
    /// With the embedded database, `open` runs on the thread that has found the file, so that a small download waits for one
    /// thread and not for two. It may wait for the disk.
    package func download<Content: Sendable>(
        _ file: FileCoordinate,
        seenBy account: Account?,
        opening open: @escaping @Sendable (OwnerAccess, StoredFile) -> Content? = { _, _ in Never?.none }
    ) async throws -> (owner: Owner, access: OwnerAccess, file: StoredFile?, content: Content?)? {
        // Elsewhere it would hold a connection that others wait for.
        let opensAtOnce = database.dialect == .sqlite
        return try await database.read { connection in
            let row = try connection.first(
                """
                SELECT file.id, file.name, file.created_at, file.download_count,
                    blob.id, blob.storage_key, blob.size, blob.sha256, blob.md5, blob.sha1, blob.sha512,
                    owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                    (SELECT MAX(team.is_owners) FROM team JOIN team_member ON team_member.team_id = team.id
                        WHERE team.organization_id = named.id AND team_member.account_id = $5),
                    (SELECT MAX(CASE team.packages_permission WHEN 'write' THEN 2 WHEN 'read' THEN 1 ELSE 0 END)
                        FROM team JOIN team_member ON team_member.team_id = team.id
                        WHERE team.organization_id = named.id AND team_member.account_id = $5)
                FROM (SELECT COALESCE((SELECT id FROM owner WHERE lower_name = $1),
                    (SELECT owner_id FROM owner_redirect WHERE lower_name = $1)) AS id) AS named
                LEFT JOIN owner ON owner.id = named.id
                LEFT JOIN package ON package.owner_id = owner.id AND package.lower_name = $2
                LEFT JOIN version ON version.package_id = package.id AND version.lower_version = $3
                LEFT JOIN file ON file.version_id = version.id AND file.lower_name = $4
                LEFT JOIN blob ON blob.id = file.blob_id
                """,
                [
                    .text(file.owner.folded), .text(file.package.folded), .text(file.version.folded),
                    .text(file.file.folded), .integer(account?.id ?? 0),
                ]
            )
            guard let row, let seen = try row.seenOwner(startingAt: 11) else { return nil }
            guard row.columns[0] != .null else { return (seen.owner, seen.access, nil, nil) }
            let stored = try StoredFile(row: row)
            return (seen.owner, seen.access, stored, opensAtOnce ? open(seen.access, stored) : nil)
        }
    }

    /// What stands at a coordinate where somebody wants to publish, and the limits of the owner's own.
    package func prospect(
        of file: FileCoordinate,
        owner: Int64
    ) async throws -> (occupant: Occupant, limits: OwnerLimits) {
        try await database.read { connection in
            let row = try connection.first(
                """
                SELECT owner.file_size_limit, owner.size_limit, owner.version_limit, version.id
                FROM owner
                LEFT JOIN package ON package.owner_id = owner.id AND package.lower_name = $2
                LEFT JOIN version ON version.package_id = package.id AND version.lower_version = $3
                WHERE owner.id = $1
                """,
                [.integer(owner), .text(file.package.folded), .text(file.version.folded)]
            )
            let hasVersion = try row?.optionalInteger(3) != nil
            let occupant = Occupant(
                hasVersion: hasVersion,
                file: hasVersion ? try Self.file(file, owner: owner, connection) : nil
            )
            return (occupant, try row?.ownLimits(startingAt: 0) ?? OwnerLimits())
        }
    }

    static func occupant(
        of file: FileCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws -> Occupant {
        guard try versionID(file.versionCoordinate, owner: owner, connection) != nil else {
            return Occupant(hasVersion: false, file: nil)
        }
        return Occupant(hasVersion: true, file: try self.file(file, owner: owner, connection))
    }

    private static func file(
        _ file: FileCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws -> StoredFile? {
        try connection.first(
            """
            SELECT file.id, file.name, file.created_at, file.download_count,
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

    /// A file at its coordinate; nil when there is none.
    package func file(_ file: FileCoordinate, owner: Int64) async throws -> StoredFile? {
        try await database.read { try Self.file(file, owner: owner, $0) }
    }

    /// Returns up to `limit` files of a version in the order of their names, after one; nil if the version no longer exists.
    package func files(ofVersion id: Int64, after name: FileName?, limit: Int) async throws -> [StoredFile]? {
        try await database.read { connection in
            let files = try Self.files(ofVersion: id, after: name, limit: limit, connection)
            // The last page completes the list only if the version was not deleted in between.
            guard files.count < limit else { return files }
            return try connection.first("SELECT 1 FROM version WHERE id = $1", [.integer(id)]) == nil ? nil : files
        }
    }

    private static func files(
        ofVersion id: Int64,
        after name: FileName?,
        limit: Int,
        _ connection: any SQLConnection
    ) throws -> [StoredFile] {
        try connection.query(
            """
            SELECT file.id, file.name, file.created_at, file.download_count,
                blob.id, blob.storage_key, blob.size, blob.sha256, blob.md5, blob.sha1, blob.sha512
            FROM file JOIN blob ON blob.id = file.blob_id
            WHERE file.version_id = $1 AND file.lower_name > $2 ORDER BY file.lower_name LIMIT $3
            """,
            [.integer(id), .text(name?.folded ?? ""), .integer(Int64(limit))]
        ).map(StoredFile.init(row:))
    }

    /// A version with its first `limit` files in the order of their names; nil when there is none.
    package func versionWithFiles(
        _ version: VersionCoordinate,
        owner: Int64,
        limit: Int = .max
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
            let files = try Self.files(ofVersion: id, after: nil, limit: limit, connection)
            return (try PackageName(try row.text(6)), try StoredVersion(row: row), files)
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
    /// Reads the columns `id, name, created_at, download_count` and those of the blob.
    init(row: SQLRow) throws {
        self.init(
            id: try row.integer(0),
            name: try FileName(try row.text(1)),
            blob: try StoredBlob(row: row, at: 4),
            createdAt: try row.time(2),
            downloadCount: try row.integer(3)
        )
    }
}
