// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

// Every publish and delete changes what is counted and the counts in one transaction, so one statement sees both as they were at one
// moment, whatever runs concurrently.
extension CheckStore {
    /// Returns some of the owners whose usage is not that of their packages.
    package func miscountedOwners(after id: Int64, limit: Int) async throws -> [StrayRow] {
        try await strayRows(
            """
            SELECT owner.id, owner.name FROM owner
            WHERE owner.id > $1 AND (
                EXISTS (
                    SELECT 1 FROM owner_blob WHERE owner_blob.owner_id = owner.id AND owner_blob.file_count <> (
                        SELECT COUNT(*) FROM file
                        JOIN version ON version.id = file.version_id
                        JOIN package ON package.id = version.package_id
                        WHERE file.blob_id = owner_blob.blob_id AND package.owner_id = owner.id
                    )
                ) OR EXISTS (
                    SELECT 1 FROM package
                    JOIN version ON version.package_id = package.id
                    JOIN file ON file.version_id = version.id
                    WHERE package.owner_id = owner.id AND NOT EXISTS (
                        SELECT 1 FROM owner_blob
                        WHERE owner_blob.owner_id = owner.id AND owner_blob.blob_id = file.blob_id
                    )
                ) OR (SELECT COALESCE(SUM(usage.size), 0) FROM usage WHERE usage.owner_id = owner.id) <> (
                    SELECT COALESCE(SUM(blob.size), 0) FROM owner_blob JOIN blob ON blob.id = owner_blob.blob_id
                    WHERE owner_blob.owner_id = owner.id
                ) OR (SELECT COALESCE(SUM(usage.version_count), 0) FROM usage WHERE usage.owner_id = owner.id) <> (
                    SELECT COALESCE(SUM(package.version_count), 0) FROM package WHERE package.owner_id = owner.id
                ) OR (SELECT COALESCE(SUM(usage.file_count), 0) FROM usage WHERE usage.owner_id = owner.id) <> (
                    SELECT COALESCE(SUM(owner_blob.file_count), 0) FROM owner_blob WHERE owner_blob.owner_id = owner.id
                )
            )
            ORDER BY owner.id LIMIT $2
            """,
            after: id,
            limit: limit
        )
    }

    /// Recounts what an owner has.
    package func recountUsage(ofOwner id: Int64) async throws {
        try await database.write { tx in
            try tx.extendDeadline(by: .seconds(3600))
            // Concurrent recounts run one after the other.
            try tx.usage.add(UsageChange(), of: .owner(id))
            try Self.recountContent(ofOwner: id, tx)
            let drift = try tx.first(
                """
                SELECT
                    (SELECT COALESCE(SUM(blob.size), 0) FROM owner_blob JOIN blob ON blob.id = owner_blob.blob_id
                        WHERE owner_blob.owner_id = $1)
                        - (SELECT COALESCE(SUM(size), 0) FROM usage WHERE owner_id = $1),
                    (SELECT COALESCE(SUM(version_count), 0) FROM package WHERE owner_id = $1)
                        - (SELECT COALESCE(SUM(version_count), 0) FROM usage WHERE owner_id = $1),
                    (SELECT COALESCE(SUM(file_count), 0) FROM owner_blob WHERE owner_id = $1)
                        - (SELECT COALESCE(SUM(file_count), 0) FROM usage WHERE owner_id = $1)
                """,
                [.integer(id)]
            ) { row in
                UsageChange(size: try row.integer(), versionCount: try row.integer(), fileCount: try row.integer())
            }
            try tx.usage.add(drift ?? UsageChange(), of: .owner(id))
        }
    }

    /// Returns the total if it is not that of all owners.
    package func miscountedTotal(after id: Int64, limit: Int) async throws -> [StrayRow] {
        guard id == 0 else { return [] }
        let drift = try await database.read { try $0.usage.driftOfTotal() }
        return drift == UsageChange() ? [] : [StrayRow(id: 1, name: "of all owners")]
    }

    /// Recounts what all owners have together.
    package func recountTotal() async throws {
        try await database.write { tx in
            try tx.usage.add(UsageChange(), of: .total)
            try tx.usage.add(try tx.usage.driftOfTotal(), of: .total)
        }
    }

    /// Recounts how many files of an owner have each content, where that is wrong.
    private static func recountContent(ofOwner id: Int64, _ tx: Transaction) throws {
        let wrong = try tx.all(
            """
            SELECT owner_blob.blob_id FROM owner_blob
            WHERE owner_blob.owner_id = $1 AND owner_blob.file_count <> (
                SELECT COUNT(*) FROM file
                JOIN version ON version.id = file.version_id
                JOIN package ON package.id = version.package_id
                WHERE file.blob_id = owner_blob.blob_id AND package.owner_id = owner_blob.owner_id
            )
            UNION
            SELECT file.blob_id FROM package
            JOIN version ON version.package_id = package.id
            JOIN file ON file.version_id = version.id
            WHERE package.owner_id = $1 AND NOT EXISTS (
                SELECT 1 FROM owner_blob
                WHERE owner_blob.owner_id = package.owner_id AND owner_blob.blob_id = file.blob_id
            )
            ORDER BY 1
            """,
            [.integer(id)]
        ) { try $0.integer() }
        for blob in wrong {
            // Locks the row before the files are counted: every transaction that adds or deletes one changes it, too.
            try tx.execute(
                """
                INSERT INTO owner_blob (owner_id, blob_id, file_count) VALUES ($1, $2, 0)
                ON CONFLICT (owner_id, blob_id) DO UPDATE SET file_count = owner_blob.file_count
                """,
                [.integer(id), .integer(blob)]
            )
            try tx.execute(
                """
                UPDATE owner_blob SET file_count = (
                    SELECT COUNT(*) FROM file
                    JOIN version ON version.id = file.version_id
                    JOIN package ON package.id = version.package_id
                    WHERE file.blob_id = owner_blob.blob_id AND package.owner_id = owner_blob.owner_id
                )
                WHERE owner_id = $1 AND blob_id = $2
                """,
                [.integer(id), .integer(blob)]
            )
        }
        try tx.execute("DELETE FROM owner_blob WHERE owner_id = $1 AND file_count <= 0", [.integer(id)])
    }
}

extension UsageRows {
    /// Returns what the total lacks of the sum of all owners.
    func driftOfTotal() throws -> UsageChange {
        try tx.first(
            """
            SELECT COALESCE(SUM(CASE WHEN owner_id = 0 THEN -size ELSE size END), 0),
                COALESCE(SUM(CASE WHEN owner_id = 0 THEN -version_count ELSE version_count END), 0),
                COALESCE(SUM(CASE WHEN owner_id = 0 THEN -file_count ELSE file_count END), 0),
                COALESCE(SUM(CASE WHEN owner_id = 0 THEN -reserved_size ELSE reserved_size END), 0),
                COALESCE(SUM(CASE WHEN owner_id = 0 THEN -reserved_version_count ELSE reserved_version_count END), 0),
                COALESCE(SUM(CASE WHEN owner_id = 0 THEN -upload_count ELSE upload_count END), 0),
                COALESCE(SUM(CASE WHEN owner_id = 0 THEN -draft_count ELSE draft_count END), 0)
            FROM usage
            """
        ) ?? UsageChange()
    }
}
