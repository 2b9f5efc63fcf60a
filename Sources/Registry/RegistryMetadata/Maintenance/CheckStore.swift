// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// Finds rows and counts that contradict others, and corrects them.
package struct CheckStore: Sendable {
    let database: MetadataDatabase

    /// Returns some of the blobs that no file refers to and that are not noted for a garbage collection.
    package func forgottenBlobs(after id: Int64, limit: Int) async throws -> [StrayRow] {
        try await strayRows(
            """
            SELECT id, storage_key FROM blob
            WHERE id > $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.blob_id = blob.id)
                AND NOT EXISTS (SELECT 1 FROM draft_file WHERE draft_file.blob_id = blob.id)
                AND NOT EXISTS (SELECT 1 FROM blob_candidate WHERE blob_candidate.blob_id = blob.id)
            ORDER BY id LIMIT $2
            """,
            after: id,
            limit: limit
        )
    }

    /// Returns some of the versions without a file.
    package func emptyVersions(after id: Int64, limit: Int) async throws -> [StrayRow] {
        try await strayRows(
            """
            SELECT version.id, owner.name || '/' || package.name || '@' || version.version
            FROM version
            JOIN package ON package.id = version.package_id
            JOIN owner ON owner.id = package.owner_id
            WHERE version.id > $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.version_id = version.id)
            ORDER BY version.id LIMIT $2
            """,
            after: id,
            limit: limit
        )
    }

    /// Returns some of the packages without a version.
    package func emptyPackages(after id: Int64, limit: Int) async throws -> [StrayRow] {
        try await strayRows(
            """
            SELECT package.id, owner.name || '/' || package.name
            FROM package
            JOIN owner ON owner.id = package.owner_id
            WHERE package.id > $1 AND NOT EXISTS (SELECT 1 FROM version WHERE version.package_id = package.id)
            ORDER BY package.id LIMIT $2
            """,
            after: id,
            limit: limit
        )
    }

    /// Returns some of the packages with a wrong count of versions.
    package func miscountedPackages(after id: Int64, limit: Int) async throws -> [StrayRow] {
        try await strayRows(
            """
            SELECT package.id, owner.name || '/' || package.name
            FROM package
            JOIN owner ON owner.id = package.owner_id
            WHERE package.id > $1
                AND version_count <> (SELECT COUNT(*) FROM version WHERE version.package_id = package.id)
            ORDER BY package.id LIMIT $2
            """,
            after: id,
            limit: limit
        )
    }

    func strayRows(_ statement: SQL, after id: Int64, limit: Int) async throws -> [StrayRow] {
        try await database.read { tx in
            try tx.all(statement, [.integer(id), .integer(Int64(limit))]) { row in
                StrayRow(id: try row.integer(), name: try row.text())
            }
        }
    }

    /// Deletes a version that has no file; a version that has got one meanwhile stays.
    package func deleteEmptyVersion(_ id: Int64) async throws {
        try await database.write { tx in
            _ = try tx.execute(
                """
                DELETE FROM version
                WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.version_id = version.id)
                """,
                [.integer(id)]
            )
        }
    }

    /// Deletes a package that has no version; a package that has got one meanwhile stays.
    package func deleteEmptyPackage(_ id: Int64) async throws {
        try await database.write { tx in
            _ = try tx.execute(
                """
                DELETE FROM package
                WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM version WHERE version.package_id = package.id)
                """,
                [.integer(id)]
            )
        }
    }

    /// Recounts the versions of a package.
    package func recountVersions(ofPackage id: Int64) async throws {
        try await database.write { tx in
            // Locks the row before the versions are counted: every transaction that adds or deletes one changes it, too.
            try tx.execute("UPDATE package SET version_count = version_count WHERE id = $1", [.integer(id)])
            _ = try tx.execute(
                """
                UPDATE package SET version_count = (SELECT COUNT(*) FROM version WHERE version.package_id = package.id)
                WHERE id = $1
                """,
                [.integer(id)]
            )
        }
    }

    /// Returns the problems that the database itself finds in its file, in its own words; none for a database server, whose own tools
    /// check it.
    package func databaseProblems() async throws -> [String] {
        guard database.dialect == .sqlite else { return [] }
        return try await database.read { tx in
            try tx.extendDeadline(by: .seconds(3600))
            let damage = try tx.all("PRAGMA integrity_check(100)") { try $0.text() }.filter { $0 != "ok" }
            let dangling = try tx.all("PRAGMA foreign_key_check") { row in
                let table = try row.text()
                row.skip()
                return "a row of \(table) refers to a missing row of \(try row.text())"
            }
            return damage + dangling
        }
    }
}

/// A row that its table should not have.
package struct StrayRow: Hashable, Sendable {
    package let id: Int64
    /// Its name for people.
    package let name: String
}
