// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

// Every transaction that reserves or frees room changes rows and counts together, so one statement sees both as they were at one moment,
// and their difference stays the same whatever runs concurrently.
extension RoomStore {
    /// Recounts what is reserved, and corrects the counts: another version of the program may have worked on the database.
    package func recount() async throws {
        try await database.write { tx in
            try tx.extendDeadline(by: .seconds(3600))
            // Of several nodes that start, one does so after the other.
            try tx.execute("UPDATE schema_migration SET name = name WHERE number = 6")
            try Self.noteNewVersionsOfDrafts(tx)
            try Self.recountHolders(tx)
            for (owner, change) in try Self.drift(tx).sorted(by: { $0.owner < $1.owner }) {
                try tx.usage.add(change, of: .owner(owner))
            }
            let total = try tx.usage.driftOfTotal()
            if total != UsageChange() { try tx.usage.add(total, of: .total) }
        }
    }

    /// Returns the owners whose counts of what is reserved are wrong.
    package func ownersWithWrongRoom() async throws -> [Int64] {
        try await database.read { try Self.drift($0).map(\.owner) }
    }

    /// Notes what an import, or an older program, did not.
    private static func noteNewVersionsOfDrafts(_ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE draft SET new_version = CAST(owner_id AS VARCHAR) || '/' || lower_package || '/' || lower_version
            WHERE new_version IS NULL AND NOT EXISTS (
                SELECT 1 FROM package JOIN version ON version.package_id = package.id
                WHERE package.owner_id = draft.owner_id AND package.lower_name = draft.lower_package
                    AND version.lower_version = draft.lower_version
            )
            """
        )
    }

    private static func recountHolders(_ tx: Transaction) throws {
        let wrong = try tx.all(
            """
            SELECT version, owner_id, SUM(held) - SUM(kept) FROM (
                SELECT version, owner_id, holder_count AS kept, 0 AS held FROM reserved_version
                UNION ALL
                SELECT new_version, owner_id, 0, 1 FROM room_set_aside WHERE new_version IS NOT NULL
            ) AS holders
            GROUP BY version, owner_id HAVING SUM(held) <> SUM(kept) ORDER BY version
            """
        ) { row in (version: try row.text(), owner: try row.integer(), missing: try row.integer()) }
        for row in wrong {
            try tx.execute(
                """
                INSERT INTO reserved_version (version, owner_id, holder_count) VALUES ($1, $2, $3)
                ON CONFLICT (version) DO UPDATE SET holder_count = reserved_version.holder_count + excluded.holder_count
                """,
                [.text(row.version), .integer(row.owner), .integer(row.missing)]
            )
        }
        try tx.execute("DELETE FROM reserved_version WHERE holder_count <= 0")
    }

    /// Returns what the counts of each owner lack, for those that lack something.
    private static func drift(_ tx: Transaction) throws -> [(owner: Int64, change: UsageChange)] {
        try tx.all(
            """
            SELECT owner_id, SUM(size), SUM(versions), SUM(uploads), SUM(drafts) FROM (
                SELECT owner_id, -reserved_size AS size, -reserved_version_count AS versions, -upload_count AS uploads,
                    -draft_count AS drafts
                FROM usage WHERE owner_id <> 0
                UNION ALL SELECT owner_id, size, 0, 0, 0 FROM room_set_aside
                UNION ALL SELECT owner_id, 0, 1, 0, 0 FROM reserved_version WHERE is_counted = 1
                UNION ALL SELECT owner_id, 0, 0, 1, 0 FROM upload WHERE is_complete = 0
                UNION ALL SELECT owner_id, 0, 0, 0, 1 FROM draft
            ) AS counted
            GROUP BY owner_id HAVING SUM(size) <> 0 OR SUM(versions) <> 0 OR SUM(uploads) <> 0 OR SUM(drafts) <> 0
            """
        ) { row in
            let owner = try row.integer()
            let change = UsageChange(
                reservedSize: try row.integer(),
                reservedVersionCount: try row.integer(),
                uploadCount: try row.integer(),
                draftCount: try row.integer()
            )
            return (owner, change)
        }
    }
}
