// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

// A version that several uploads and drafts would make takes the room of one, from the first that holds it to the last. Once the
// version is published it takes none: its row stays, uncounted, for as long as it has holders.
extension MetadataStore {
    /// Notes one more that would make a version; true when its room is to be counted now.
    static func hold(
        _ version: String,
        ofOwner owner: Int64,
        _ connection: any SQLConnection
    ) throws -> Bool {
        let row = try connection.first(
            """
            INSERT INTO reserved_version (version, owner_id, holder_count, is_counted) VALUES ($1, $2, 1, 1)
            ON CONFLICT (version) DO UPDATE SET holder_count = reserved_version.holder_count + 1
            RETURNING holder_count, is_counted
            """,
            [.text(version), .integer(owner)]
        )
        guard let row, try row.flag(1) else { return try countAgain(version, connection) }
        return try row.integer(0) == 1
    }

    /// Counts a version that was published, and deleted since, for those who still hold it; true when it was not counted.
    static func countAgain(_ version: String, _ connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "UPDATE reserved_version SET is_counted = 1 WHERE version = $1 AND is_counted = 0",
            [.text(version)]
        ) > 0
    }

    /// Notes that one less would make a version; returns what is to be counted.
    static func release(version: String, _ connection: any SQLConnection) throws -> UsageChange {
        let row = try connection.first(
            """
            UPDATE reserved_version SET holder_count = holder_count - 1 WHERE version = $1
            RETURNING holder_count, is_counted
            """,
            [.text(version)]
        )
        guard let row, try row.integer(0) <= 0 else { return UsageChange() }
        try connection.execute("DELETE FROM reserved_version WHERE version = $1", [.text(version)])
        return UsageChange(reservedVersionCount: try row.flag(1) ? -1 : 0)
    }

    /// Notes that a version is there, which whoever would have made it joins; returns what is to be counted.
    static func notePublished(version: String, _ connection: any SQLConnection) throws -> UsageChange {
        let counted = try connection.execute(
            "UPDATE reserved_version SET is_counted = 0 WHERE version = $1 AND is_counted = 1",
            [.text(version)]
        )
        return UsageChange(reservedVersionCount: counted > 0 ? -1 : 0)
    }
}
