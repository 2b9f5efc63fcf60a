// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var packages: PackageRows { PackageRows(tx: self) }
}

/// The table of packages.
struct PackageRows {
    let tx: Transaction

    private static let byName: SQL = """
        SELECT package.id, package.name, package.version_count FROM package WHERE owner_id = $1 AND lower_name = $2
        """

    func find(_ name: PackageName, owner: Int64) throws -> (id: Int64, name: PackageName, versionCount: Int64)? {
        try tx.first(Self.byName, [.integer(owner), .text(name.folded)]) { row in
            (id: try row.integer(), name: try PackageName(try row.text()), versionCount: try row.integer())
        }
    }

    /// Finds a package and locks it, so that concurrent changes of its versions wait.
    func lock(_ name: PackageName, owner: Int64) throws -> Int64? {
        try tx.integer(
            "UPDATE package SET lower_name = lower_name WHERE owner_id = $1 AND lower_name = $2 RETURNING id",
            [.integer(owner), .text(name.folded)]
        )
    }

    /// Finds or adds the package of a new version, counts the version, and locks the package.
    func countVersion(of name: PackageName, owner: Int64, _ now: Timestamp) throws -> Int64 {
        let package = try tx.integer(
            """
            INSERT INTO package (owner_id, name, lower_name, version_count, created_at) VALUES ($1, $2, $3, 1, $4)
            ON CONFLICT (owner_id, lower_name) DO UPDATE SET version_count = package.version_count + 1
            RETURNING id
            """,
            [.integer(owner), .text(name.text), .text(name.folded), .time(now)]
        )
        guard let package else { throw SQLError(.conflict, "package \(name) was deleted concurrently") }
        return package
    }

    /// Counts a deleted version, and deletes the package with its last one.
    func discountVersion(ofPackage id: Int64) throws {
        try tx.execute("UPDATE package SET version_count = version_count - 1 WHERE id = $1", [.integer(id)])
        try tx.execute("DELETE FROM package WHERE id = $1 AND version_count = 0", [.integer(id)])
    }

    /// Deletes all packages of an owner.
    func deleteAll(ofOwner owner: Int64) throws {
        let packages = try tx.all(
            "UPDATE package SET lower_name = lower_name WHERE owner_id = $1 RETURNING id",
            [.integer(owner)]
        ) { try $0.integer() }
        var change = UsageChange()
        for package in packages.sorted() { change += try delete(package) }
        try tx.usage.settle(change, owner: owner)
    }

    /// Deletes a package that this transaction has locked; returns the change of the usage that is still to be settled.
    func delete(_ id: Int64) throws -> UsageChange {
        if tx.dialect == .postgres {
            // Publishers refer to a version before they count the content for its owner, as is done here below.
            _ = try tx.integer(
                "SELECT COUNT(*) FROM (SELECT 1 FROM version WHERE package_id = $1 FOR UPDATE) AS locked",
                [.integer(id)]
            )
        }
        try tx.execute(
            """
            INSERT INTO blob_candidate (blob_id)
            SELECT DISTINCT file.blob_id FROM version JOIN file ON file.version_id = version.id
            WHERE version.package_id = $1 ORDER BY file.blob_id
            ON CONFLICT (blob_id) DO UPDATE SET blob_id = excluded.blob_id
            """,
            [.integer(id)]
        )
        try tx.execute(
            """
            INSERT INTO owner_blob (owner_id, blob_id, file_count)
            SELECT package.owner_id, file.blob_id, -COUNT(*)
            FROM package
            JOIN version ON version.package_id = package.id
            JOIN file ON file.version_id = version.id
            WHERE package.id = $1 GROUP BY package.owner_id, file.blob_id ORDER BY file.blob_id
            ON CONFLICT (owner_id, blob_id) DO UPDATE SET file_count = owner_blob.file_count + excluded.file_count
            """,
            [.integer(id)]
        )
        let files = try tx.execute(
            "DELETE FROM file WHERE version_id IN (SELECT id FROM version WHERE package_id = $1)",
            [.integer(id)]
        )
        let versions = try tx.execute("DELETE FROM version WHERE package_id = $1", [.integer(id)])
        try tx.execute("DELETE FROM package WHERE id = $1", [.integer(id)])
        return UsageChange(versionCount: -Int64(versions), fileCount: -Int64(files))
    }
}

extension StoredPackage: SQLRecord {
    /// The latest version of a package: the highest release by SemVer, else the highest pre-release, else the version published last.
    ///
    /// The version published last also wins among those of the same rank.
    static let latestVersion: SQL = """
        COALESCE(
            (SELECT version.id FROM version WHERE version.package_id = package.id AND version.is_release = 1
                ORDER BY version.sort_key DESC, version.id DESC LIMIT 1),
            (SELECT version.id FROM version WHERE version.package_id = package.id
                ORDER BY version.sort_key DESC, version.id DESC LIMIT 1))
        """

    static let columns: SQL = """
        package.name, package.version_count,
        (SELECT latest.version FROM version AS latest WHERE latest.id = \(latestVersion)),
        package.created_at
        """

    init(reading row: inout RowReader) throws {
        self.init(
            name: try PackageName(try row.text()),
            versionCount: try row.integer(),
            latestVersion: try row.optionalText().map { try PackageVersion($0) },
            createdAt: try row.time()
        )
    }
}
