// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// An owner's packages in the order of their folded names, behind a name.
    package func packages(owner: Int64, after name: String?, limit: Int) async throws -> [StoredPackage] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT package.name, package.version_count,
                    COALESCE(
                        (SELECT version.version FROM version
                            WHERE version.package_id = package.id AND version.is_release = 1
                            ORDER BY version.sort_key DESC, version.id DESC LIMIT 1),
                        (SELECT version.version FROM version WHERE version.package_id = package.id
                            ORDER BY version.sort_key DESC, version.id DESC LIMIT 1)),
                    package.created_at
                FROM package
                WHERE package.owner_id = $1 AND package.lower_name > $2
                ORDER BY package.lower_name LIMIT $3
                """,
                [.integer(owner), .text(name ?? ""), .integer(Int64(limit))]
            ).map { try StoredPackage(row: $0) }
        }
    }

    /// A page of a package's versions; nil when there is no such package.
    package func versions(
        _ package: PackageCoordinate,
        owner: Int64,
        in order: VersionOrder,
        limit: Int
    ) async throws -> (package: PackageName, versions: [StoredVersion])? {
        try await database.read { connection in
            let found = try connection.first(
                "SELECT id, name FROM package WHERE owner_id = $1 AND lower_name = $2",
                [.integer(owner), .text(package.package.folded)]
            )
            guard let found else { return nil }
            let versions =
                switch order {
                case .published(let id): try Self.versions(found.columns[0], before: id, limit, connection)
                case .semver(let place): try Self.versions(found.columns[0], below: place, limit, connection)
                }
            return (try PackageName(try found.text(1)), try versions.map(StoredVersion.init(row:)))
        }
    }

    private static func versions(
        _ package: SQLValue,
        before id: Int64?,
        _ limit: Int,
        _ connection: any SQLConnection
    ) throws -> [SQLRow] {
        try connection.query(
            """
            SELECT version.id, version.version, owner.name, version.created_at,
                (SELECT COUNT(*) FROM file WHERE file.version_id = version.id),
                (SELECT COALESCE(SUM(blob.size), 0) FROM file JOIN blob ON blob.id = file.blob_id
                    WHERE file.version_id = version.id)
            FROM version
            LEFT JOIN owner ON owner.id = version.creator_id
            WHERE version.package_id = $1 AND version.id < $2
            ORDER BY version.id DESC LIMIT $3
            """,
            [package, .integer(id ?? .max), .integer(Int64(limit))]
        )
    }

    private static func versions(
        _ package: SQLValue,
        below place: VersionOrder.Place?,
        _ limit: Int,
        _ connection: any SQLConnection
    ) throws -> [SQLRow] {
        let key = place.map { VersionRank($0.version).key } ?? VersionRank.aboveAll
        return try connection.query(
            """
            SELECT version.id, version.version, owner.name, version.created_at,
                (SELECT COUNT(*) FROM file WHERE file.version_id = version.id),
                (SELECT COALESCE(SUM(blob.size), 0) FROM file JOIN blob ON blob.id = file.blob_id
                    WHERE file.version_id = version.id)
            FROM version
            LEFT JOIN owner ON owner.id = version.creator_id
            WHERE version.package_id = $1 AND (version.sort_key, version.id) < ($2, $3)
            ORDER BY version.sort_key DESC, version.id DESC LIMIT $4
            """,
            [package, .bytes(key), .integer(place?.id ?? .max), .integer(Int64(limit))]
        )
    }
}
