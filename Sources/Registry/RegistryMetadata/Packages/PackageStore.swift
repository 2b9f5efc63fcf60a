// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// What is published: packages, their versions and files.
package struct PackageStore: Sendable {
    let database: MetadataDatabase

    private static let download: SQL = """
        SELECT \(FoundOwner.columns), \(StoredFile.columns)
        FROM \(FoundOwner.source)
        LEFT JOIN package ON package.owner_id = owner.id AND package.lower_name = $3
        LEFT JOIN version ON version.package_id = package.id AND version.lower_version = $4
        LEFT JOIN file ON file.version_id = version.id AND file.lower_name = $5
        LEFT JOIN blob ON blob.id = file.blob_id
        """

    /// Finds an owner, what an account's access to its packages depends on, and a file of it: the single look-up of a download.
    ///
    /// With the embedded database, `open` runs on the thread that has found the file, so that a small download waits for one thread
    /// and not for two. It may wait for the disk.
    package func download<Content: Sendable>(
        _ file: FileCoordinate,
        seenBy account: Account?,
        opening open: @escaping @Sendable (OwnerAccess, StoredFile) -> Content? = { _, _ in Never?.none }
    ) async throws -> (owner: Owner, access: OwnerAccess, file: StoredFile?, content: Content?)? {
        let arguments =
            FoundOwner.arguments(file.owner, account)
            + [.text(file.package.folded), .text(file.version.folded), .text(file.file.folded)]
        return try await database.read { tx in
            let found = try tx.first(Self.download, arguments) { row in
                try FoundOwner.readIfFound(&row).map { seen in
                    (seen: seen, file: row.isNull ? nil : try StoredFile(reading: &row))
                }
            }
            guard let (seen, file) = found ?? nil else { return nil }
            // On a database server, opening would hold a connection that others wait for.
            let content = tx.dialect == .sqlite ? file.flatMap { open(seen.access, $0) } : nil
            return (seen.owner, seen.access, file, content)
        }
    }

    /// Finds a file at its coordinate.
    package func file(_ file: FileCoordinate, owner: Int64) async throws -> StoredFile? {
        try await database.read { try $0.files.find(file, owner: owner) }
    }

    /// Returns up to `limit` files of a version in the order of their names, after one; nil if the version no longer exists.
    package func files(ofVersion id: Int64, after name: FileName?, limit: Int) async throws -> [StoredFile]? {
        try await database.read { tx in
            let files = try tx.files.list(ofVersion: id, after: name, limit: limit)
            // The last page completes the list only if the version was not deleted in between.
            guard files.count < limit else { return files }
            return try tx.exists("SELECT 1 FROM version WHERE id = $1", [.integer(id)]) ? files : nil
        }
    }

    /// Finds a version with its first `limit` files in the order of their names; the version's own counts are 0.
    package func versionWithFiles(
        _ version: VersionCoordinate,
        owner: Int64,
        limit: Int = .max
    ) async throws -> (package: PackageName, version: StoredVersion, files: [StoredFile])? {
        try await database.read { tx in
            guard let id = try tx.versions.id(of: version, owner: owner) else { return nil }
            let found = try tx.first(
                """
                SELECT version.id, version.version, owner.name, version.created_at, 0, 0, package.name
                FROM version
                JOIN package ON package.id = version.package_id
                LEFT JOIN owner ON owner.id = version.creator_id
                WHERE version.id = $1
                """,
                [.integer(id)]
            ) { row in (version: try StoredVersion(reading: &row), package: try PackageName(try row.text())) }
            guard let found else { return nil }
            return (found.package, found.version, try tx.files.list(ofVersion: id, after: nil, limit: limit))
        }
    }

    /// Lists an owner's packages in the order of their folded names, after one.
    package func packages(owner: Int64, after name: String?, limit: Int) async throws -> [StoredPackage] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT \(StoredPackage.columns) FROM package
                WHERE package.owner_id = $1 AND package.lower_name > $2
                ORDER BY package.lower_name LIMIT $3
                """,
                [.integer(owner), .text(name ?? ""), .integer(Int64(limit))]
            )
        }
    }

    /// Lists a page of a package's versions; nil if there is no such package.
    package func versions(
        _ package: PackageCoordinate,
        owner: Int64,
        in order: VersionOrder,
        limit: Int
    ) async throws -> (package: PackageName, versions: [StoredVersion])? {
        try await database.read { tx in
            guard let found = try tx.packages.find(package.package, owner: owner) else { return nil }
            let versions: [StoredVersion]
            switch order {
            case .published(let id):
                versions = try tx.all(
                    """
                    SELECT \(StoredVersion.columns) FROM \(StoredVersion.source)
                    WHERE version.package_id = $1 AND version.id < $2
                    ORDER BY version.id DESC LIMIT $3
                    """,
                    [.integer(found.id), .integer(id ?? .max), .integer(Int64(limit))]
                )
            case .semver(let place):
                let key = place.map { VersionRank($0.version).key } ?? VersionRank.aboveAll
                versions = try tx.all(
                    """
                    SELECT \(StoredVersion.columns) FROM \(StoredVersion.source)
                    WHERE version.package_id = $1 AND (version.sort_key, version.id) < ($2, $3)
                    ORDER BY version.sort_key DESC, version.id DESC LIMIT $4
                    """,
                    [.integer(found.id), .bytes(key), .integer(place?.id ?? .max), .integer(Int64(limit))]
                )
            }
            return (found.name, versions)
        }
    }

    /// Adds completed downloads to the counts of files; deleted files are skipped.
    package func addDownloads(_ counts: [Int64: Int64]) async throws {
        try await database.write { tx in
            // In one order everywhere, so that two nodes cannot wait for each other's rows.
            for (file, count) in counts.sorted(by: { $0.key < $1.key }) {
                try tx.execute(
                    "UPDATE file SET download_count = download_count + $1 WHERE id = $2",
                    [.integer(count), .integer(file)]
                )
            }
        }
    }

    /// Deletes a package with all its versions; returns false if there is none.
    package func deletePackage(_ package: PackageCoordinate, owner: Int64) async throws -> Bool {
        try await database.write(telling: .deletion) { tx in
            guard let id = try tx.packages.lock(package.package, owner: owner) else { return false }
            try tx.usage.settle(try tx.packages.delete(id), owner: owner)
            return true
        }
    }

    /// Deletes a version with all its files, and its package with the last version; returns false if there is none.
    package func deleteVersion(_ version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await database.write(telling: .deletion) { tx in
            guard let id = try tx.versions.lock(version, owner: owner) else { return false }
            let blobs = try tx.all("DELETE FROM file WHERE version_id = $1 RETURNING blob_id", [.integer(id)]) {
                try $0.integer()
            }
            try tx.versions.deleteEmpty(id)
            try tx.blobs.noteCandidates(blobs)
            try tx.usage.discount(blobs, versions: 1, owner: owner)
            return true
        }
    }

    /// Deletes a file, and its version with the last file; returns false if there is none.
    package func deleteFile(_ file: FileCoordinate, owner: Int64) async throws -> Bool {
        try await database.write(telling: .deletion) { tx in
            guard let id = try tx.versions.lock(file.versionCoordinate, owner: owner) else { return false }
            let blobs = try tx.all(
                "DELETE FROM file WHERE version_id = $1 AND lower_name = $2 RETURNING blob_id",
                [.integer(id), .text(file.file.folded)]
            ) { try $0.integer() }
            guard !blobs.isEmpty else { return false }
            let isLast = try !tx.exists("SELECT id FROM file WHERE version_id = $1 LIMIT 1", [.integer(id)])
            if isLast { try tx.versions.deleteEmpty(id) }
            try tx.blobs.noteCandidates(blobs)
            try tx.usage.discount(blobs, versions: isLast ? 1 : 0, owner: owner)
            return true
        }
    }
}
