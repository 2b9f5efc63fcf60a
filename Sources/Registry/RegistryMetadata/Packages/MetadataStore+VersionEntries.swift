// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// A version as it stands in a list of an owner's packages, with who published it.
package struct VersionEntry: Hashable, Sendable {
    package let id: Int64
    package let package: PackageName
    package let version: PackageVersion
    package let createdAt: Timestamp
    /// Nil when the account is gone.
    package let creator: OwnerProfile?
}

extension MetadataStore {
    /// An owner's versions whose package's name contains a text, the one published last first.
    ///
    /// The order is that of the numbers, which are given in the order of publishing. Without a text a page costs what it
    /// holds; with one, the numbers of all versions of the packages it finds are looked through.
    package func versionEntries(
        owner: Int64,
        packagesMatching text: String,
        page: ListPage
    ) async throws -> Listing<VersionEntry> {
        try await database.read { connection in
            guard text.isEmpty else { return try Self.versionEntries(owner, matching: text, page, connection) }
            let counted = try connection.first(
                "SELECT COALESCE(SUM(version_count), 0) FROM usage WHERE owner_id = $1",
                [.integer(owner)]
            )
            return try Self.listing(
                total: try counted?.integer(0) ?? 0,
                page,
                of: owner,
                fromTop: "SELECT id FROM version WHERE owner_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2",
                fromEnd: "SELECT id FROM version WHERE owner_id = $1 ORDER BY id LIMIT 1 OFFSET $2",
                rows: """
                    SELECT version.id, package.name, version.version, version.created_at,
                        owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                        owner.full_name, owner.description, owner.website, owner.location, owner.created_at,
                        account.email, account.is_administrator, account.is_active, account.is_login_prohibited,
                        account.is_restricted, account.must_change_password, account.is_email_hidden
                    FROM version
                    JOIN package ON package.id = version.package_id
                    LEFT JOIN account ON account.owner_id = version.creator_id
                    LEFT JOIN owner ON owner.id = account.owner_id
                    WHERE version.owner_id = $1 AND version.id <= $2
                    ORDER BY version.id DESC LIMIT $3
                    """,
                connection
            )
        }
    }

    /// The versions of one package, the one published last first; nil when there is no such package.
    package func versionEntries(
        of package: PackageCoordinate,
        owner: Int64,
        page: ListPage
    ) async throws -> Listing<VersionEntry>? {
        try await database.read { connection in
            let found = try connection.first(
                "SELECT id, version_count FROM package WHERE owner_id = $1 AND lower_name = $2",
                [.integer(owner), .text(package.package.folded)]
            )
            guard let found else { return nil }
            return try Self.listing(
                total: try found.integer(1),
                page,
                of: try found.integer(0),
                fromTop: "SELECT id FROM version WHERE package_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2",
                fromEnd: "SELECT id FROM version WHERE package_id = $1 ORDER BY id LIMIT 1 OFFSET $2",
                rows: """
                    SELECT version.id, package.name, version.version, version.created_at,
                        owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                        owner.full_name, owner.description, owner.website, owner.location, owner.created_at,
                        account.email, account.is_administrator, account.is_active, account.is_login_prohibited,
                        account.is_restricted, account.must_change_password, account.is_email_hidden
                    FROM version
                    JOIN package ON package.id = version.package_id
                    LEFT JOIN account ON account.owner_id = version.creator_id
                    LEFT JOIN owner ON owner.id = account.owner_id
                    WHERE version.package_id = $1 AND version.id <= $2
                    ORDER BY version.id DESC LIMIT $3
                    """,
                connection
            )
        }
    }

    /// A page by its number, from the version on that it begins with: an index gives that one, from the nearer end.
    private static func listing(
        total: Int64,
        _ page: ListPage,
        of parent: Int64,
        fromTop: SQL,
        fromEnd: SQL,
        rows: SQL,
        _ connection: any SQLConnection
    ) throws -> Listing<VersionEntry> {
        let (above, below) = (Int64(page.offset), total - 1 - Int64(page.offset))
        guard below >= 0 else { return Listing(rows: [], total: total) }
        var first = Int64.max
        if above > 0 {
            let (statement, distance) = above <= below ? (fromTop, above) : (fromEnd, below)
            let found = try connection.first(statement, [.integer(parent), .integer(distance)])
            guard let found else { return Listing(rows: [], total: total) }
            first = try found.integer(0)
        }
        let found = try connection.query(rows, [.integer(parent), .integer(first), .integer(Int64(page.limit))])
        return Listing(rows: try found.map { try VersionEntry(row: $0) }, total: total)
    }

    private static func versionEntries(
        _ owner: Int64,
        matching text: String,
        _ page: ListPage,
        _ connection: any SQLConnection
    ) throws -> Listing<VersionEntry> {
        try connection.listing(
            count: """
                SELECT COALESCE(SUM(version_count), 0) FROM package
                WHERE owner_id = $1 AND lower_name LIKE $2 ESCAPE '!'
                """,
            rows: """
                SELECT version.id, package.name, version.version, version.created_at,
                    owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                    owner.full_name, owner.description, owner.website, owner.location, owner.created_at,
                    account.email, account.is_administrator, account.is_active, account.is_login_prohibited,
                    account.is_restricted, account.must_change_password, account.is_email_hidden
                FROM (
                    SELECT version.id AS number FROM package JOIN version ON version.package_id = package.id
                    WHERE package.owner_id = $1 AND package.lower_name LIKE $2 ESCAPE '!'
                    ORDER BY version.id DESC LIMIT $3 OFFSET $4
                ) AS page
                JOIN version ON version.id = page.number
                JOIN package ON package.id = version.package_id
                LEFT JOIN account ON account.owner_id = version.creator_id
                LEFT JOIN owner ON owner.id = account.owner_id
                ORDER BY version.id DESC
                """,
            [.integer(owner), .text(Self.pattern(text))],
            page
        ) { try VersionEntry(row: $0) }
    }

    /// One version; nil when there is none.
    package func versionEntry(_ version: VersionCoordinate, owner: Int64) async throws -> VersionEntry? {
        try await database.read { connection in
            try Self.versionID(version, owner: owner, connection).flatMap { try Self.versionEntry($0, connection) }
        }
    }

    /// The latest version of a package: the highest release by SemVer, else the highest pre-release, else the version
    /// published last, which also counts where several have the same rank; nil when there is no such package.
    package func latestVersionEntry(of package: PackageCoordinate, owner: Int64) async throws -> VersionEntry? {
        try await database.read { connection in
            let latest = try connection.first(
                """
                SELECT COALESCE(
                    (SELECT version.id FROM version WHERE version.package_id = package.id AND version.is_release = 1
                        ORDER BY version.sort_key DESC, version.id DESC LIMIT 1),
                    (SELECT version.id FROM version WHERE version.package_id = package.id
                        ORDER BY version.sort_key DESC, version.id DESC LIMIT 1))
                FROM package WHERE package.owner_id = $1 AND package.lower_name = $2
                """,
                [.integer(owner), .text(package.package.folded)]
            )
            return try latest?.optionalInteger(0).flatMap { try Self.versionEntry($0, connection) }
        }
    }

    private static func versionEntry(_ id: Int64, _ connection: any SQLConnection) throws -> VersionEntry? {
        try connection.first(
            """
            SELECT version.id, package.name, version.version, version.created_at,
                owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                owner.full_name, owner.description, owner.website, owner.location, owner.created_at,
                account.email, account.is_administrator, account.is_active, account.is_login_prohibited,
                account.is_restricted, account.must_change_password, account.is_email_hidden
            FROM version
            JOIN package ON package.id = version.package_id
            LEFT JOIN account ON account.owner_id = version.creator_id
            LEFT JOIN owner ON owner.id = account.owner_id
            WHERE version.id = $1
            """,
            [.integer(id)]
        ).map { try VersionEntry(row: $0) }
    }
}

extension VersionEntry {
    /// Reads the columns `id, package, version, created_at` and those of the creator's profile.
    fileprivate init(row: SQLRow) throws {
        id = try row.integer(0)
        package = try PackageName(try row.text(1))
        version = try PackageVersion(try row.text(2))
        createdAt = try row.time(3)
        creator = try row.profile(startingAt: 4)
    }
}
