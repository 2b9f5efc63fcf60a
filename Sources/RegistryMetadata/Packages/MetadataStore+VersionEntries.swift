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
    /// The order is that of the numbers, which are given in the order of publishing.
    package func versionEntries(
        owner: Int64,
        packagesMatching text: String,
        page: ListPage
    ) async throws -> Listing<VersionEntry> {
        try await database.read { connection in
            try connection.listing(
                count: """
                    SELECT COUNT(*) FROM package JOIN version ON version.package_id = package.id
                    WHERE package.owner_id = $1 AND ($2 = '' OR package.lower_name LIKE $2 ESCAPE '!')
                    """,
                rows: """
                    SELECT version.id, package.name, version.version, version.created_at,
                        owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                        owner.full_name, owner.description, owner.website, owner.location, owner.created_at,
                        account.email, account.is_administrator, account.is_active, account.is_login_prohibited,
                        account.is_restricted, account.must_change_password, account.is_email_hidden
                    FROM package
                    JOIN version ON version.package_id = package.id
                    LEFT JOIN account ON account.owner_id = version.creator_id
                    LEFT JOIN owner ON owner.id = account.owner_id
                    WHERE package.owner_id = $1 AND ($2 = '' OR package.lower_name LIKE $2 ESCAPE '!')
                    ORDER BY version.id DESC LIMIT $3 OFFSET $4
                    """,
                [.integer(owner), .text(Self.pattern(text))],
                page
            ) { try VersionEntry(row: $0) }
        }
    }

    /// The versions of one package, the one published last first; nil when there is no such package.
    package func versionEntries(
        of package: PackageCoordinate,
        owner: Int64,
        page: ListPage
    ) async throws -> Listing<VersionEntry>? {
        try await database.read { connection in
            guard let id = try Self.packageID(package, owner: owner, connection) else { return nil }
            return try connection.listing(
                count: "SELECT COUNT(*) FROM version WHERE package_id = $1",
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
                    WHERE version.package_id = $1
                    ORDER BY version.id DESC LIMIT $2 OFFSET $3
                    """,
                [.integer(id)],
                page
            ) { try VersionEntry(row: $0) }
        }
    }

    /// One version; nil when there is none.
    package func versionEntry(_ version: VersionCoordinate, owner: Int64) async throws -> VersionEntry? {
        try await database.read { connection in
            try Self.versionID(version, owner: owner, connection).flatMap { try Self.versionEntry($0, connection) }
        }
    }

    /// The latest version of a package; nil when there is no such package.
    package func latestVersionEntry(of package: PackageCoordinate, owner: Int64) async throws -> VersionEntry? {
        try await database.read { connection in
            guard let id = try Self.packageID(package, owner: owner, connection) else { return nil }
            let rows = try connection.query(
                "SELECT id, version FROM version WHERE package_id = $1 ORDER BY id",
                [.integer(id)]
            )
            let versions = try rows.map { try PackageVersion(try $0.text(1)) }
            guard let latest = LatestVersion.index(among: versions) else { return nil }
            return try Self.versionEntry(try rows[latest].integer(0), connection)
        }
    }

    private static func packageID(
        _ package: PackageCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws -> Int64? {
        try connection.first(
            "SELECT id FROM package WHERE owner_id = $1 AND lower_name = $2",
            [.integer(owner), .text(package.package.folded)]
        )?.integer(0)
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
