// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Deletes a package with all its versions; false when there is none.
    package func deletePackage(_ package: PackageCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying(telling: .deletion) { connection in
            let found = try connection.first(
                "UPDATE package SET lower_name = lower_name WHERE owner_id = $1 AND lower_name = $2 RETURNING id",
                [.integer(owner), .text(package.package.folded)]
            )
            guard let found else { return false }
            let change = try self.deletePackage(try found.integer(0), connection)
            try Self.settle(change, owner: owner, connection)
            return true
        }
    }

    /// Deletes all packages of an owner.
    func deletePackages(ofOwner owner: Int64, _ connection: any SQLConnection) throws {
        let packages = try connection.query(
            "UPDATE package SET lower_name = lower_name WHERE owner_id = $1 RETURNING id",
            [.integer(owner)]
        )
        var change = UsageChange()
        for package in try packages.map({ try $0.integer(0) }).sorted() {
            let deleted = try deletePackage(package, connection)
            change.versionCount += deleted.versionCount
            change.fileCount += deleted.fileCount
        }
        try Self.settle(change, owner: owner, connection)
    }

    /// Deletes a package whose row this transaction has locked; what that changes is still to be settled.
    private func deletePackage(_ id: Int64, _ connection: any SQLConnection) throws -> UsageChange {
        if database.dialect == .postgres {
            // Whoever adds a file to a version refers to it before it counts the content for its owner, as is done here below.
            _ = try connection.query(
                "SELECT COUNT(*) FROM (SELECT 1 FROM version WHERE package_id = $1 FOR UPDATE) AS locked",
                [.integer(id)]
            )
        }
        try connection.execute(
            """
            INSERT INTO blob_candidate (blob_id)
            SELECT DISTINCT file.blob_id FROM version JOIN file ON file.version_id = version.id
            WHERE version.package_id = $1 ORDER BY file.blob_id
            ON CONFLICT (blob_id) DO UPDATE SET blob_id = excluded.blob_id
            """,
            [.integer(id)]
        )
        try connection.execute(
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
        let files = try connection.execute(
            "DELETE FROM file WHERE version_id IN (SELECT id FROM version WHERE package_id = $1)",
            [.integer(id)]
        )
        let versions = try connection.execute("DELETE FROM version WHERE package_id = $1", [.integer(id)])
        try connection.execute("DELETE FROM package WHERE id = $1", [.integer(id)])
        return UsageChange(versionCount: -Int64(versions), fileCount: -Int64(files))
    }
}
