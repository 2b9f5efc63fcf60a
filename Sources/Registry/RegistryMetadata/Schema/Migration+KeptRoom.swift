// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let keptRoom = Migration(
        number: 6,
        name: "counts of what is set aside, so that a publish need not add it up",
        statements: columns + versions + counts
    )

    private static let columns = [
        // Sums over slots like the others of this table.
        "ALTER TABLE usage ADD COLUMN reserved_size BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE usage ADD COLUMN reserved_version_count BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE usage ADD COLUMN upload_count BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE usage ADD COLUMN draft_count BIGINT NOT NULL DEFAULT 0",
        // The version that the draft would make; null when that is there.
        "ALTER TABLE draft ADD COLUMN new_version TEXT",
        "CREATE INDEX draft_new_version ON draft (new_version)",
        "CREATE INDEX reservation_new_version ON reservation (new_version)",
    ]

    private static let versions = [
        """
        UPDATE draft SET new_version =
            CAST(owner_id AS VARCHAR) || '/' || lower_package || '/' || lower_version
        WHERE NOT EXISTS (
            SELECT 1 FROM package JOIN version ON version.package_id = package.id
            WHERE package.owner_id = draft.owner_id AND package.lower_name = draft.lower_package
                AND version.lower_version = draft.lower_version
        )
        """,
        "DROP VIEW room_set_aside",
        """
        CREATE VIEW room_set_aside AS
        SELECT owner_id, size, new_version, expires_at FROM reservation
        UNION ALL
        SELECT owner_id, size, new_version, expires_at FROM draft
        """,
        // Versions that are not there yet, and by how many reservations and drafts each would be made: it takes the room
        // of one. Each row is one of its owner's `reserved_version_count`.
        """
        CREATE TABLE reserved_version (
            version TEXT PRIMARY KEY,
            owner_id BIGINT NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
            holder_count BIGINT NOT NULL
        )
        """,
        "CREATE INDEX reserved_version_owner ON reserved_version (owner_id)",
    ]

    private static let counts = [
        """
        INSERT INTO reserved_version (version, owner_id, holder_count)
        SELECT new_version, MIN(owner_id), COUNT(*) FROM room_set_aside
        WHERE new_version IS NOT NULL GROUP BY new_version
        """,
        """
        INSERT INTO usage (
            owner_id, slot, size, version_count, file_count, reserved_size, reserved_version_count, upload_count,
            draft_count
        )
        SELECT owner.id, 0, 0, 0, 0,
            (SELECT COALESCE(SUM(size), 0) FROM room_set_aside WHERE owner_id = owner.id),
            (SELECT COUNT(*) FROM reserved_version WHERE owner_id = owner.id),
            (SELECT COUNT(*) FROM upload WHERE owner_id = owner.id AND is_complete = 0),
            (SELECT COUNT(*) FROM draft WHERE owner_id = owner.id)
        FROM owner
        WHERE EXISTS (SELECT 1 FROM room_set_aside WHERE owner_id = owner.id)
            OR EXISTS (SELECT 1 FROM upload WHERE owner_id = owner.id)
        ON CONFLICT (owner_id, slot) DO UPDATE SET
            reserved_size = excluded.reserved_size,
            reserved_version_count = excluded.reserved_version_count,
            upload_count = excluded.upload_count,
            draft_count = excluded.draft_count
        """,
        """
        INSERT INTO usage (
            owner_id, slot, size, version_count, file_count, reserved_size, reserved_version_count, upload_count,
            draft_count
        )
        SELECT 0, 0, 0, 0, 0, SUM(reserved_size), SUM(reserved_version_count), SUM(upload_count), SUM(draft_count)
        FROM usage WHERE owner_id <> 0 HAVING COUNT(*) > 0
        ON CONFLICT (owner_id, slot) DO UPDATE SET
            reserved_size = excluded.reserved_size,
            reserved_version_count = excluded.reserved_version_count,
            upload_count = excluded.upload_count,
            draft_count = excluded.draft_count
        """,
    ]
}
