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
                    (SELECT version.version FROM version WHERE version.package_id = package.id
                        ORDER BY version.id DESC LIMIT 1),
                    package.created_at
                FROM package
                WHERE package.owner_id = $1 AND package.lower_name > $2
                ORDER BY package.lower_name LIMIT $3
                """,
                [.integer(owner), .text(name ?? ""), .integer(Int64(limit))]
            ).map(StoredPackage.init(row:))
        }
    }

    /// A package's versions, the one published last first, behind a version's number; nil when there is no such package.
    package func versions(
        _ package: PackageCoordinate,
        owner: Int64,
        before id: Int64?,
        limit: Int
    ) async throws -> (package: PackageName, versions: [StoredVersion])? {
        try await database.read { connection in
            let found = try connection.first(
                "SELECT id, name FROM package WHERE owner_id = $1 AND lower_name = $2",
                [.integer(owner), .text(package.package.folded)]
            )
            guard let found else { return nil }
            let rows = try connection.query(
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
                [.integer(try found.integer(0)), .integer(id ?? .max), .integer(Int64(limit))]
            )
            return (try PackageName(try found.text(1)), try rows.map(StoredVersion.init(row:)))
        }
    }
}
