// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Comes after every name.
    private static let lastName = "\u{10FFFF}"

    /// Packages in the order of their folded names, and of their numbers where several owners have one of that name.
    ///
    /// A part of a name is looked for in the index of names, whose size is that of the packages, not of their versions.
    package func packages(
        _ search: PackageSearch,
        after place: FoundPackage.Place?,
        limit: Int
    ) async throws -> [FoundPackage] {
        let arguments: [SQLValue] =
            Self.arguments(search) + [
                .text(place?.name ?? search.name?.folded ?? ""), .integer(place?.id ?? 0),
                .text(search.name?.folded ?? Self.lastName), .integer(Int64(limit)),
            ]
        return try await database.read { connection in
            if let owner = search.owner {
                return try Self.packages(owner, arguments, connection).map(FoundPackage.init(row:))
            }
            return try Self.packages(arguments, connection).map(FoundPackage.init(row:))
        }
    }

    private static func packages(_ arguments: [SQLValue], _ connection: any SQLConnection) throws -> [SQLRow] {
        try connection.query(
            """
            SELECT package.name, package.version_count,
                COALESCE(
                    (SELECT version.version FROM version
                        WHERE version.package_id = package.id AND version.is_release = 1
                        ORDER BY version.sort_key DESC, version.id DESC LIMIT 1),
                    (SELECT version.version FROM version WHERE version.package_id = package.id
                        ORDER BY version.sort_key DESC, version.id DESC LIMIT 1)),
                package.created_at, package.id, owner.name
            FROM package JOIN owner ON owner.id = package.owner_id
            WHERE ((owner.kind = 'user' AND (owner.visibility IN ($1, $2, $3) OR owner.id = $4))
                    OR (owner.kind = 'organization' AND (owner.visibility IN ($5, $6, $7)
                        OR owner.id IN (SELECT team.organization_id FROM team
                            JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $8))))
                AND ($9 = '' OR package.lower_name LIKE $9 ESCAPE '!')
                AND (package.lower_name, package.id) > ($10, $11) AND package.lower_name <= $12
            ORDER BY package.lower_name, package.id LIMIT $13
            """,
            arguments
        )
    }

    private static func packages(
        _ owner: OwnerName,
        _ arguments: [SQLValue],
        _ connection: any SQLConnection
    ) throws -> [SQLRow] {
        try connection.query(
            """
            SELECT package.name, package.version_count,
                COALESCE(
                    (SELECT version.version FROM version
                        WHERE version.package_id = package.id AND version.is_release = 1
                        ORDER BY version.sort_key DESC, version.id DESC LIMIT 1),
                    (SELECT version.version FROM version WHERE version.package_id = package.id
                        ORDER BY version.sort_key DESC, version.id DESC LIMIT 1)),
                package.created_at, package.id, owner.name
            FROM owner JOIN package ON package.owner_id = owner.id
            WHERE owner.lower_name = $14
                AND ((owner.kind = 'user' AND (owner.visibility IN ($1, $2, $3) OR owner.id = $4))
                    OR (owner.kind = 'organization' AND (owner.visibility IN ($5, $6, $7)
                        OR owner.id IN (SELECT team.organization_id FROM team
                            JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $8))))
                AND ($9 = '' OR package.lower_name LIKE $9 ESCAPE '!')
                AND package.lower_name >= $10 AND (package.lower_name > $10 OR package.id > $11)
                AND package.lower_name <= $12
            ORDER BY package.lower_name LIMIT $13
            """,
            arguments + [.text(owner.folded)]
        )
    }

    /// The files with some content, the one published first first.
    package func files(
        sha256: Digest,
        _ search: PackageSearch,
        after id: Int64?,
        limit: Int
    ) async throws -> [FoundFile] {
        try await database.read { connection in
            // Two contents with one SHA-256 do not exist, whatever the constraint allows.
            let blob = try connection.first("SELECT id FROM blob WHERE sha256 = $1 LIMIT 1", [.digest(sha256)])
            guard let blob else { return [] }
            return try connection.query(
                """
                SELECT file.id, owner.name, package.name, version.version, file.name, blob.size, file.created_at
                FROM file
                JOIN blob ON blob.id = file.blob_id
                JOIN version ON version.id = file.version_id
                JOIN package ON package.id = version.package_id
                JOIN owner ON owner.id = package.owner_id
                WHERE ((owner.kind = 'user' AND (owner.visibility IN ($1, $2, $3) OR owner.id = $4))
                        OR (owner.kind = 'organization' AND (owner.visibility IN ($5, $6, $7)
                            OR owner.id IN (SELECT team.organization_id FROM team
                                JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $8))))
                    AND ($9 = '' OR package.lower_name LIKE $9 ESCAPE '!')
                    AND ($10 = '' OR package.lower_name = $10) AND ($11 = '' OR owner.lower_name = $11)
                    AND file.blob_id = $12 AND file.id > $13
                ORDER BY file.id LIMIT $14
                """,
                Self.arguments(search) + [
                    .text(search.name?.folded ?? ""), .text(search.owner?.folded ?? ""),
                    blob.columns[0], .integer(id ?? 0), .integer(Int64(limit)),
                ]
            ).map(FoundFile.init(row:))
        }
    }

    /// The first nine: whose packages may be found, and a part of their names.
    private static func arguments(_ search: PackageSearch) -> [SQLValue] {
        owners(search.users) + owners(search.organizations) + [.text(pattern(search.text))]
    }

    private static func owners(_ visible: VisibleOwners) -> [SQLValue] {
        [Visibility.public, .limited, .private].map { .text(visible.visibilities.contains($0) ? $0.rawValue : "") }
            + [.integer(visible.viewer ?? 0)]
    }
}
