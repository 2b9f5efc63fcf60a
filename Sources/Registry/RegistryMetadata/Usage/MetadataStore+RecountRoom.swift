// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

// Every transaction that sets room aside or gives it back changes rows and counts together, so one statement sees both as
// they were at one moment, and what they differ by stays the same however they go on.
extension MetadataStore {
    /// Counts anew what is set aside, where that is wrong: another version of the program may have worked on the database.
    package func recountRoom() async throws {
        try await writeRetrying { connection in
            try connection.extendDeadline(by: .seconds(3600))
            // Of several nodes that start, one does so after the other.
            try connection.execute("UPDATE schema_migration SET name = name WHERE number = 6")
            try Self.noteNewVersionsOfDrafts(connection)
            try Self.recountHolders(connection)
            var changes: [Int64: UsageChange] = [:]
            for row in try connection.query(driftOfRoom) {
                var change = UsageChange()
                change.reservedSize = try row.integer(1)
                change.reservedVersionCount = try row.integer(2)
                change.uploadCount = try row.integer(3)
                change.draftCount = try row.integer(4)
                changes[try row.integer(0)] = change
            }
            for (owner, change) in changes.sorted(by: { $0.key < $1.key }) {
                try Self.correct(.owner(owner), by: change, connection)
            }
            let total = try Self.driftOfTotal(connection)
            if total != UsageChange() { try Self.correct(.total, by: total, connection) }
        }
    }

    /// The owners whose counts of what is set aside are wrong.
    package func ownersWithWrongRoom() async throws -> [Int64] {
        try await database.read { try $0.query(driftOfRoom).map { try $0.integer(0) } }
    }

    /// What an import, or an older program, did not note.
    private static func noteNewVersionsOfDrafts(_ connection: any SQLConnection) throws {
        try connection.execute(
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

    private static func recountHolders(_ connection: any SQLConnection) throws {
        let wrong = try connection.query(
            """
            SELECT version, owner_id, SUM(held) - SUM(kept) FROM (
                SELECT version, owner_id, holder_count AS kept, 0 AS held FROM reserved_version
                UNION ALL
                SELECT new_version, owner_id, 0, 1 FROM room_set_aside WHERE new_version IS NOT NULL
            ) AS holders
            GROUP BY version, owner_id HAVING SUM(held) <> SUM(kept) ORDER BY version
            """
        )
        for row in wrong {
            try connection.execute(
                """
                INSERT INTO reserved_version (version, owner_id, holder_count) VALUES ($1, $2, $3)
                ON CONFLICT (version) DO UPDATE SET holder_count = reserved_version.holder_count + excluded.holder_count
                """,
                [.text(try row.text(0)), .integer(try row.integer(1)), .integer(try row.integer(2))]
            )
        }
        try connection.execute("DELETE FROM reserved_version WHERE holder_count <= 0")
    }
}

/// What is missing in the counts of each owner, where something is.
private let driftOfRoom: SQL = """
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
