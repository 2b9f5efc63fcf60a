// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Searches across owners, and the lists of versions by page that Gitea's interface has.
package struct SearchStore: Sendable {
    /// Sorts after every name.
    private static let lastName = "\u{10FFFF}"

    let database: MetadataDatabase

    /// Finds packages in the order of their folded names, and of their numbers if several owners have one of that name.
    ///
    /// A part of a name is looked for in the index of names, whose size is that of the packages, not of their versions.
    package func packages(
        _ search: PackageSearch,
        after place: FoundPackage.Place?,
        limit: Int
    ) async throws -> [FoundPackage] {
        var arguments: [SQLValue] =
            Self.arguments(search) + [
                .text(place?.name ?? search.name?.folded ?? ""), .integer(place?.id ?? 0),
                .text(search.name?.folded ?? Self.lastName), .integer(Int64(limit)),
            ]
        guard let owner = search.owner else {
            return try await database.read { [arguments] tx in try tx.all(Self.ofAll, arguments) }
        }
        arguments.append(.text(owner.folded))
        return try await database.read { [arguments] tx in try tx.all(Self.ofOwner, arguments) }
    }

    /// The condition on a package that everyone who searches has: whose it is, and a part of its name.
    private static let condition: SQL = """
        \(OwnerFilter.condition) AND ($9 = '' OR package.lower_name LIKE $9 ESCAPE '!')
        """
    private static let ofAll: SQL = """
        SELECT \(FoundPackage.columns)
        FROM package JOIN owner ON owner.id = package.owner_id
        WHERE \(condition)
            AND (package.lower_name, package.id) > ($10, $11) AND package.lower_name <= $12
        ORDER BY package.lower_name, package.id LIMIT $13
        """
    private static let ofOwner: SQL = """
        SELECT \(FoundPackage.columns)
        FROM owner JOIN package ON package.owner_id = owner.id
        WHERE owner.lower_name = $14 AND \(condition)
            AND package.lower_name >= $10 AND (package.lower_name > $10 OR package.id > $11)
            AND package.lower_name <= $12
        ORDER BY package.lower_name LIMIT $13
        """

    /// Finds the files with some content, the oldest first.
    package func files(
        sha256: Digest,
        _ search: PackageSearch,
        after id: Int64?,
        limit: Int
    ) async throws -> [FoundFile] {
        try await database.read { tx in
            // Two contents with one SHA-256 do not exist, whatever the constraint allows.
            let blob = try tx.integer("SELECT id FROM blob WHERE sha256 = $1 LIMIT 1", [.digest(sha256)])
            guard let blob else { return [] }
            return try tx.all(
                """
                SELECT \(FoundFile.columns)
                FROM file
                JOIN blob ON blob.id = file.blob_id
                JOIN version ON version.id = file.version_id
                JOIN package ON package.id = version.package_id
                JOIN owner ON owner.id = package.owner_id
                WHERE \(Self.condition)
                    AND ($10 = '' OR package.lower_name = $10) AND ($11 = '' OR owner.lower_name = $11)
                    AND file.blob_id = $12 AND file.id > $13
                ORDER BY file.id LIMIT $14
                """,
                Self.arguments(search) + [
                    .text(search.name?.folded ?? ""), .text(search.owner?.folded ?? ""),
                    .integer(blob), .integer(id ?? 0), .integer(Int64(limit)),
                ]
            )
        }
    }

    /// The parameters 1 to 9.
    private static func arguments(_ search: PackageSearch) -> [SQLValue] {
        OwnerFilter(users: search.users, organizations: search.organizations).arguments
            + [.text(LikePattern.containing(search.text))]
    }

    // Versions by page

    /// Lists an owner's versions whose package's name contains a text, the newest first.
    ///
    /// The order is that of the numbers, which are given in the order of publishing. Without a text a page costs what it holds; with
    /// one, the numbers of all versions of the matching packages are scanned.
    package func versionEntries(
        owner: Int64,
        packagesMatching text: String,
        page: ListPage
    ) async throws -> Listing<VersionEntry> {
        try await database.read { tx in
            guard text.isEmpty else { return try Self.versionEntries(owner, matching: text, page, tx) }
            let counted = try tx.integer(
                "SELECT COALESCE(SUM(version_count), 0) FROM usage WHERE owner_id = $1",
                [.integer(owner)]
            )
            return try Self.listing(
                total: counted ?? 0,
                page,
                of: owner,
                in: "version.owner_id",
                tx
            )
        }
    }

    /// Lists the versions of one package, the newest first; nil if there is no such package.
    package func versionEntries(
        of package: PackageCoordinate,
        owner: Int64,
        page: ListPage
    ) async throws -> Listing<VersionEntry>? {
        try await database.read { tx in
            guard let found = try tx.packages.find(package.package, owner: owner) else { return nil }
            return try Self.listing(total: found.versionCount, page, of: found.id, in: "version.package_id", tx)
        }
    }

    /// Lists a page by its number, from its first version on, which an index finds from the nearer end.
    private static func listing(
        total: Int64,
        _ page: ListPage,
        of parent: Int64,
        in column: SQL,
        _ tx: Transaction
    ) throws -> Listing<VersionEntry> {
        let (above, below) = (Int64(page.offset), total - 1 - Int64(page.offset))
        guard below >= 0 else { return Listing(rows: [], total: total) }
        var first = Int64.max
        if above > 0 {
            let (order, distance): (SQL, Int64) = above <= below ? ("DESC", above) : ("ASC", below)
            let found = try tx.integer(
                "SELECT version.id FROM version WHERE \(column) = $1 ORDER BY version.id \(order) LIMIT 1 OFFSET $2",
                [.integer(parent), .integer(distance)]
            )
            guard let found else { return Listing(rows: [], total: total) }
            first = found
        }
        let rows: [VersionEntry] = try tx.all(
            """
            SELECT \(VersionEntry.columns) FROM version \(VersionEntry.joins)
            WHERE \(column) = $1 AND version.id <= $2
            ORDER BY version.id DESC LIMIT $3
            """,
            [.integer(parent), .integer(first), .integer(Int64(page.limit))]
        )
        return Listing(rows: rows, total: total)
    }

    private static func versionEntries(
        _ owner: Int64,
        matching text: String,
        _ page: ListPage,
        _ tx: Transaction
    ) throws -> Listing<VersionEntry> {
        try tx.listing(
            count: """
                SELECT COALESCE(SUM(version_count), 0) FROM package
                WHERE owner_id = $1 AND lower_name LIKE $2 ESCAPE '!'
                """,
            rows: """
                SELECT \(VersionEntry.columns)
                FROM (
                    SELECT version.id AS number FROM package JOIN version ON version.package_id = package.id
                    WHERE package.owner_id = $1 AND package.lower_name LIKE $2 ESCAPE '!'
                    ORDER BY version.id DESC LIMIT $3 OFFSET $4
                ) AS page
                JOIN version ON version.id = page.number
                \(VersionEntry.joins)
                ORDER BY version.id DESC
                """,
            [.integer(owner), .text(LikePattern.containing(text))],
            page
        )
    }

    /// Finds one version.
    package func versionEntry(_ version: VersionCoordinate, owner: Int64) async throws -> VersionEntry? {
        try await database.read { tx in
            try tx.versions.id(of: version, owner: owner).flatMap { try Self.versionEntry($0, tx) }
        }
    }

    /// Finds the latest version of a package.
    package func latestVersionEntry(of package: PackageCoordinate, owner: Int64) async throws -> VersionEntry? {
        try await database.read { tx in
            let latest = try tx.integer(
                """
                SELECT \(StoredPackage.latestVersion) FROM package
                WHERE package.owner_id = $1 AND package.lower_name = $2
                """,
                [.integer(owner), .text(package.package.folded)]
            )
            return try latest.flatMap { try Self.versionEntry($0, tx) }
        }
    }

    private static func versionEntry(_ id: Int64, _ tx: Transaction) throws -> VersionEntry? {
        try tx.first(
            "SELECT \(VersionEntry.columns) FROM version \(VersionEntry.joins) WHERE version.id = $1",
            [.integer(id)]
        )
    }
}

extension FoundPackage: SQLRecord {
    static let columns: SQL = "\(StoredPackage.columns), package.id, owner.name"

    init(reading row: inout RowReader) throws {
        let package = try StoredPackage(reading: &row)
        self.init(id: try row.integer(), owner: try OwnerName(try row.text()), package: package)
    }
}

extension FoundFile: SQLRecord {
    static let columns: SQL = """
        file.id, owner.name, package.name, version.version, file.name, blob.size, file.created_at
        """

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            coordinate: FileCoordinate(
                owner: try OwnerName(try row.text()),
                package: try PackageName(try row.text()),
                version: try PackageVersion(try row.text()),
                file: try FileName(try row.text())
            ),
            sizeInBytes: try row.integer(),
            createdAt: try row.time()
        )
    }
}
