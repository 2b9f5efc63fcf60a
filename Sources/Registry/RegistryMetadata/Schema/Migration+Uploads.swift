// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let uploads = Migration(
        number: 5,
        name: "drafts, and uploads that can be resumed",
        statements: drafts + uploadTables
    )

    private static let drafts = [
        // A version before it is published.
        """
        CREATE TABLE draft (
            id {identity},
            owner_id BIGINT NOT NULL REFERENCES owner (id),
            package TEXT NOT NULL,
            lower_package TEXT NOT NULL,
            version TEXT NOT NULL,
            lower_version TEXT NOT NULL,
            creator_id BIGINT REFERENCES account (owner_id) ON DELETE SET NULL,
            size BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            UNIQUE (owner_id, lower_package, lower_version)
        )
        """,
        // Gives a page of an owner's drafts in its order.
        "CREATE INDEX draft_owner ON draft (owner_id, id)",
        "CREATE INDEX draft_creator ON draft (creator_id)",
        "CREATE INDEX draft_expiry ON draft (expires_at)",
        """
        CREATE TABLE draft_file (
            id {identity},
            draft_id BIGINT NOT NULL REFERENCES draft (id),
            blob_id BIGINT NOT NULL REFERENCES blob (id),
            name TEXT NOT NULL,
            lower_name TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            UNIQUE (draft_id, lower_name)
        )
        """,
        "CREATE INDEX draft_file_blob ON draft_file (blob_id)",
        // All room that is taken by what is not published yet; a draft of a version that is there will join it.
        """
        CREATE VIEW room_set_aside AS
        SELECT owner_id, size, new_version, expires_at FROM reservation
        UNION ALL
        SELECT draft.owner_id, draft.size,
            CASE WHEN version.id IS NULL
                THEN CAST(draft.owner_id AS VARCHAR) || '/' || draft.lower_package || '/' || draft.lower_version END,
            draft.expires_at
        FROM draft
        LEFT JOIN package ON package.owner_id = draft.owner_id AND package.lower_name = draft.lower_package
        LEFT JOIN version ON version.package_id = package.id AND version.lower_version = draft.lower_version
        """,
    ]

    private static let uploadTables = [
        // Its room is a reservation of the same identifier. Of those who write to it, the last one to come may.
        """
        CREATE TABLE upload (
            id TEXT PRIMARY KEY,
            owner_id BIGINT NOT NULL REFERENCES owner (id),
            package TEXT NOT NULL,
            version TEXT NOT NULL,
            file TEXT NOT NULL,
            is_draft BIGINT NOT NULL,
            digests TEXT NOT NULL,
            size BIGINT NOT NULL,
            received BIGINT NOT NULL,
            part_count BIGINT NOT NULL,
            writer TEXT NOT NULL,
            is_complete BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL
        )
        """,
        "CREATE INDEX upload_owner ON upload (owner_id, id)",
        "CREATE INDEX upload_expiry ON upload (expires_at)",
        // Content of its own in the store for each piece; `upload_id` is null only within one transaction, which looks
        // whether a key is used.
        """
        CREATE TABLE upload_part (
            storage_key TEXT PRIMARY KEY,
            upload_id TEXT REFERENCES upload (id),
            start BIGINT NOT NULL,
            size BIGINT NOT NULL,
            UNIQUE (upload_id, start)
        )
        """,
    ]
}
