// SPDX-License-Identifier: Apache-2.0

import RegistryCore
package import RegistryStorage

/// Which files a blob's content belongs to.
package struct BlobUse: Hashable, Sendable {
    /// How many there are.
    package let count: Int64
    /// The first of them, as `owner/package@version/file`.
    package let paths: [String]

    package init(count: Int64, paths: [String]) {
        self.count = count
        self.paths = paths
    }
}

/// A row that its table should not hold.
package struct StrayRow: Hashable, Sendable {
    package let id: Int64
    /// What a person calls it.
    package let name: String
}

extension MetadataStore {
    /// Some of the blobs in the order of their keys, behind a key; none at the end.
    package func blobs(after key: BlobKey?, limit: Int) async throws -> [StoredBlob] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT id, storage_key, size, sha256, md5, sha1, sha512 FROM blob
                WHERE storage_key > $1 ORDER BY storage_key LIMIT $2
                """,
                [.text(key?.text ?? ""), .integer(Int64(limit))]
            ).map { try StoredBlob(row: $0, at: 0) }
        }
    }

    /// The files that a blob's content belongs to, also those of drafts.
    package func use(ofBlob id: Int64, limit: Int) async throws -> BlobUse {
        try await database.read { connection in
            let count = try connection.first(
                """
                SELECT (SELECT COUNT(*) FROM file WHERE blob_id = $1) + (SELECT COUNT(*) FROM draft_file WHERE blob_id = $1)
                """,
                [.integer(id)]
            )
            let rows = try connection.query(
                """
                SELECT owner.name, package.name, version.version, file.name, file.id AS place
                FROM file
                JOIN version ON version.id = file.version_id
                JOIN package ON package.id = version.package_id
                JOIN owner ON owner.id = package.owner_id
                WHERE file.blob_id = $1
                UNION ALL
                SELECT owner.name, draft.package, draft.version, draft_file.name, draft_file.id
                FROM draft_file
                JOIN draft ON draft.id = draft_file.draft_id
                JOIN owner ON owner.id = draft.owner_id
                WHERE draft_file.blob_id = $1
                ORDER BY place LIMIT $2
                """,
                [.integer(id), .integer(Int64(limit))]
            )
            return BlobUse(
                count: try count?.integer(0) ?? 0,
                paths: try rows.map {
                    "\(try $0.text(0))/\(try $0.text(1))@\(try $0.text(2))/\(try $0.text(3))"
                }
            )
        }
    }

    /// Some of the blobs that no file refers to and that no garbage collection was told of.
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

    /// Some of the versions without a file.
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

    /// Some of the packages without a version.
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

    func strayRows(_ statement: SQL, after id: Int64, limit: Int) async throws -> [StrayRow] {
        try await database.read { connection in
            try connection.query(statement, [.integer(id), .integer(Int64(limit))])
                .map { StrayRow(id: try $0.integer(0), name: try $0.text(1)) }
        }
    }

    /// Tells the garbage collection to look at a blob.
    package func noteCandidate(_ id: Int64) async throws {
        try await database.write { connection in
            _ = try connection.execute(
                "INSERT INTO blob_candidate (blob_id) VALUES ($1) ON CONFLICT (blob_id) DO NOTHING",
                [.integer(id)]
            )
        }
    }

    /// Some of the packages whose count of versions is wrong.
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

    /// Deletes a version that has no file; one that has got a file meanwhile stays.
    package func deleteEmptyVersion(_ id: Int64) async throws {
        try await database.write { connection in
            _ = try connection.execute(
                """
                DELETE FROM version
                WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM file WHERE file.version_id = version.id)
                """,
                [.integer(id)]
            )
        }
    }

    /// Deletes a package that has no version; one that has got a version meanwhile stays.
    package func deleteEmptyPackage(_ id: Int64) async throws {
        try await database.write { connection in
            _ = try connection.execute(
                """
                DELETE FROM package
                WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM version WHERE version.package_id = package.id)
                """,
                [.integer(id)]
            )
        }
    }

    /// Counts the versions of a package anew.
    package func recountVersions(ofPackage id: Int64) async throws {
        try await database.write { connection in
            // Locks the row before the versions are counted: whoever adds or deletes one changes it, too.
            _ = try connection.execute(
                "UPDATE package SET version_count = version_count WHERE id = $1",
                [.integer(id)]
            )
            _ = try connection.execute(
                """
                UPDATE package SET version_count = (SELECT COUNT(*) FROM version WHERE version.package_id = package.id)
                WHERE id = $1
                """,
                [.integer(id)]
            )
        }
    }

    /// What the database itself finds wrong with its file, in its own words; nothing for a database server, which is
    /// looked after by its own tools.
    package func databaseProblems() async throws -> [String] {
        guard database.dialect == .sqlite else { return [] }
        return try await database.read { connection in
            try connection.extendDeadline(by: .seconds(3600))
            let damage = try connection.query("PRAGMA integrity_check(100)").map { try $0.text(0) }.filter {
                $0 != "ok"
            }
            let dangling = try connection.query("PRAGMA foreign_key_check").map {
                "a row of \(try $0.text(0)) refers to a missing row of \(try $0.text(2))"
            }
            return damage + dangling
        }
    }
}
