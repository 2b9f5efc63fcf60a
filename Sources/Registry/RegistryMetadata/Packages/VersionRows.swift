// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var versions: VersionRows { VersionRows(tx: self) }
}

/// The table of versions.
struct VersionRows {
    let tx: Transaction

    private static let idOfCoordinate: SQL = """
        SELECT version.id FROM package JOIN version ON version.package_id = package.id
        WHERE package.owner_id = $1 AND package.lower_name = $2 AND version.lower_version = $3
        """

    func id(of version: VersionCoordinate, owner: Int64) throws -> Int64? {
        try tx.integer(
            Self.idOfCoordinate,
            [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
        )
    }

    /// Finds a version and locks it and its package.
    ///
    /// The lock on the package keeps two deletes of the last two files from both leaving the version behind. That on the version waits
    /// for transactions that add files to it, before this one locks any file.
    func lock(_ version: VersionCoordinate, owner: Int64) throws -> Int64? {
        // A package that appears a moment later is not locked: its version must not be found either.
        guard try tx.packages.lock(version.package, owner: owner) != nil, let id = try id(of: version, owner: owner)
        else {
            return nil
        }
        guard tx.dialect == .postgres else { return id }
        return try tx.integer("SELECT id FROM version WHERE id = $1 FOR UPDATE", [.integer(id)])
    }

    /// Adds the version of a file, whose package it locks before all other rows, as a delete does.
    func insert(for file: NewFile, _ now: Timestamp) throws -> Int64 {
        let version = file.coordinate.version
        let rank = VersionRank(version)
        let package = try tx.packages.countVersion(of: file.coordinate.package, owner: file.owner, now)
        let inserted = try tx.integer(
            """
            INSERT INTO version (
                package_id, version, lower_version, creator_id, created_at, owner_id, sort_key, is_release
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (package_id, lower_version) DO NOTHING RETURNING id
            """,
            [
                .integer(package), .text(version.text), .text(version.folded), .integer(file.creator), .time(now),
                .integer(file.owner), .bytes(rank.key), .flag(rank.isRelease),
            ]
        )
        if let inserted { return inserted }
        guard file.mayJoinVersion else { throw try AlreadyExists(file, tx) }
        throw SQLError(.conflict, "version \(version) was published concurrently")
    }

    /// Returns the version that a file is to join, or adds it.
    ///
    /// A publisher that lost the version to a concurrent delete, or met it just published, locks its package before it retries.
    func findOrInsert(for file: NewFile, _ now: Timestamp) throws -> (id: Int64, isNew: Bool) {
        if file.mayJoinVersion {
            let version = file.coordinate.versionCoordinate
            let id = try tx.isRetry ? lock(version, owner: file.owner) : id(of: version, owner: file.owner)
            if let id { return (id, false) }
        }
        return (try insert(for: file, now), true)
    }

    /// Deletes a version without files, and its package with its last version.
    func deleteEmpty(_ id: Int64) throws {
        let package = try tx.integer("DELETE FROM version WHERE id = $1 RETURNING package_id", [.integer(id)])
        if let package { try tx.packages.discountVersion(ofPackage: package) }
    }
}

extension StoredVersion: SQLRecord {
    static let columns: SQL = """
        version.id, version.version, owner.name, version.created_at,
        (SELECT COUNT(*) FROM file WHERE file.version_id = version.id),
        (SELECT COALESCE(SUM(blob.size), 0) FROM file JOIN blob ON blob.id = file.blob_id
            WHERE file.version_id = version.id)
        """
    /// The versions, each with the owner who published it.
    static let source: SQL = "version LEFT JOIN owner ON owner.id = version.creator_id"

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            version: try PackageVersion(try row.text()),
            creator: try row.optionalText().map { try OwnerName($0) },
            createdAt: try row.time(),
            fileCount: try row.integer(),
            sizeInBytes: try row.integer()
        )
    }
}

extension VersionEntry: SQLRecord {
    static let columns: SQL = """
        version.id, package.name, version.version, version.created_at, \(OwnerProfile.columns)
        """
    /// What follows `version` in a statement: its package, and the account that published it.
    static let joins: SQL = """
        JOIN package ON package.id = version.package_id
        LEFT JOIN account ON account.owner_id = version.creator_id
        LEFT JOIN owner ON owner.id = account.owner_id
        """

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            package: try PackageName(try row.text()),
            version: try PackageVersion(try row.text()),
            createdAt: try row.time(),
            creator: try OwnerProfile.readIfFound(&row)
        )
    }
}
