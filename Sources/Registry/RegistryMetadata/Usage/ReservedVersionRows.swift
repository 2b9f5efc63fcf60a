// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var reservedVersions: ReservedVersionRows { ReservedVersionRows(tx: self) }
}

/// The table of versions that uploads and drafts would create.
///
/// A version takes the room of one from its first holder to its last. Once it is published it takes none: its row stays, uncounted, while
/// it has holders.
struct ReservedVersionRows {
    let tx: Transaction

    /// Adds a holder of a version; returns true if the version is to be counted now.
    func hold(_ version: String, ofOwner owner: Int64) throws -> Bool {
        let held = try tx.first(
            """
            INSERT INTO reserved_version (version, owner_id, holder_count, is_counted) VALUES ($1, $2, 1, 1)
            ON CONFLICT (version) DO UPDATE SET holder_count = reserved_version.holder_count + 1
            RETURNING holder_count, is_counted
            """,
            [.text(version), .integer(owner)]
        ) { row in (holders: try row.integer(), isCounted: try row.flag()) }
        guard let held, held.isCounted else { return try countAgain(version) }
        return held.holders == 1
    }

    /// Counts a version again that was published and deleted since; returns true if it was not counted.
    func countAgain(_ version: String) throws -> Bool {
        try tx.execute(
            "UPDATE reserved_version SET is_counted = 1 WHERE version = $1 AND is_counted = 0",
            [.text(version)]
        ) > 0
    }

    /// Removes a holder of a version; returns the change to be counted.
    func release(_ version: String) throws -> UsageChange {
        let left = try tx.first(
            """
            UPDATE reserved_version SET holder_count = holder_count - 1 WHERE version = $1
            RETURNING holder_count, is_counted
            """,
            [.text(version)]
        ) { row in (holders: try row.integer(), isCounted: try row.flag()) }
        guard let left, left.holders <= 0 else { return UsageChange() }
        try tx.execute("DELETE FROM reserved_version WHERE version = $1", [.text(version)])
        return UsageChange(reservedVersionCount: left.isCounted ? -1 : 0)
    }

    /// Releases the versions in freed room; returns the change to be counted for all of it.
    func release(_ room: FreedRoom) throws -> UsageChange {
        var change = room.change
        for version in room.versions.sorted() { change += try release(version) }
        return change
    }

    /// Notes that a version was published, which its holders will join; returns the change to be counted.
    func notePublished(_ version: String) throws -> UsageChange {
        let counted = try tx.execute(
            "UPDATE reserved_version SET is_counted = 0 WHERE version = $1 AND is_counted = 1",
            [.text(version)]
        )
        return UsageChange(reservedVersionCount: counted > 0 ? -1 : 0)
    }
}

extension VersionCoordinate {
    /// The key of a version among the reserved ones.
    func reservationKey(ofOwner id: Int64) -> String { "\(id)/\(package.folded)/\(version.folded)" }
}
