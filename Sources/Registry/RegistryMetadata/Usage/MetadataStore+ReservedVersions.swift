// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

// A version that several uploads and drafts would make takes the room of one: the first of them takes it, the last one
// gives it back. Rows of reservations and drafts are locked before these, and these before the usage.
extension MetadataStore {
    /// Notes one more that would make a version; true for the first one, whose room is to be counted.
    static func hold(
        _ version: String,
        ofOwner owner: Int64,
        _ connection: any SQLConnection
    ) throws -> Bool {
        try connection.first(
            """
            INSERT INTO reserved_version (version, owner_id, holder_count) VALUES ($1, $2, 1)
            ON CONFLICT (version) DO UPDATE SET holder_count = reserved_version.holder_count + 1
            RETURNING holder_count
            """,
            [.text(version), .integer(owner)]
        )?.integer(0) == 1
    }

    /// Notes that one less would make a version; says what is to be counted.
    static func release(version: String, _ connection: any SQLConnection) throws -> UsageChange {
        let left = try connection.first(
            "UPDATE reserved_version SET holder_count = holder_count - 1 WHERE version = $1 RETURNING holder_count",
            [.text(version)]
        )?.integer(0)
        guard let left, left <= 0 else { return UsageChange() }
        return try removeHeld(version, connection)
    }

    /// Notes that a version is there: whoever would have made it joins it; says what is to be counted.
    static func forget(version: String, _ connection: any SQLConnection) throws -> UsageChange {
        let held = try connection.first("SELECT 1 FROM reserved_version WHERE version = $1", [.text(version)])
        guard held != nil else { return UsageChange() }
        try connection.execute("UPDATE reservation SET new_version = NULL WHERE new_version = $1", [.text(version)])
        try connection.execute("UPDATE draft SET new_version = NULL WHERE new_version = $1", [.text(version)])
        return try removeHeld(version, connection)
    }

    private static func removeHeld(_ version: String, _ connection: any SQLConnection) throws -> UsageChange {
        let removed = try connection.execute("DELETE FROM reserved_version WHERE version = $1", [.text(version)])
        return UsageChange(reservedVersionCount: removed > 0 ? -1 : 0)
    }
}
