// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let limits = Migration(
        number: 3,
        name: "limits of owners, and what they use",
        statements: columns + tables + counts
    )

    // A limit is null for the registry's default, and -1 for none.
    private static let columns = [
        "ALTER TABLE owner ADD COLUMN file_size_limit BIGINT",
        "ALTER TABLE owner ADD COLUMN size_limit BIGINT",
        "ALTER TABLE owner ADD COLUMN version_limit BIGINT",
    ]

    private static let tables = [
        // The content that an owner has, which counts once however many of its files have it.
        """
        CREATE TABLE owner_blob (
            owner_id BIGINT NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
            blob_id BIGINT NOT NULL,
            file_count BIGINT NOT NULL,
            PRIMARY KEY (owner_id, blob_id)
        )
        """,
        // Finds what a delete left without a file, within its transaction.
        "CREATE INDEX owner_blob_unused ON owner_blob (owner_id) WHERE file_count <= 0",
        // What owners use, and all of them together as the owner 0: the sum of some rows each, so that publishers need
        // not wait for each other. Those who have to keep a quota do, in the slot 0.
        """
        CREATE TABLE usage (
            owner_id BIGINT NOT NULL,
            slot BIGINT NOT NULL,
            size BIGINT NOT NULL,
            version_count BIGINT NOT NULL,
            file_count BIGINT NOT NULL,
            PRIMARY KEY (owner_id, slot)
        )
        """,
        // Room that uploads have set aside while they run.
        """
        CREATE TABLE reservation (
            id TEXT PRIMARY KEY,
            owner_id BIGINT NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
            size BIGINT NOT NULL,
            new_version TEXT,
            expires_at BIGINT NOT NULL
        )
        """,
        "CREATE INDEX reservation_owner ON reservation (owner_id)",
        "CREATE INDEX reservation_expiry ON reservation (expires_at)",
    ]

    private static let counts = [
        """
        INSERT INTO owner_blob (owner_id, blob_id, file_count)
        SELECT package.owner_id, file.blob_id, COUNT(*)
        FROM package
        JOIN version ON version.package_id = package.id
        JOIN file ON file.version_id = version.id
        GROUP BY package.owner_id, file.blob_id
        """,
        """
        INSERT INTO usage (owner_id, slot, size, version_count, file_count)
        SELECT owner.id, 0,
            (SELECT COALESCE(SUM(blob.size), 0) FROM owner_blob JOIN blob ON blob.id = owner_blob.blob_id
                WHERE owner_blob.owner_id = owner.id),
            (SELECT COALESCE(SUM(package.version_count), 0) FROM package WHERE package.owner_id = owner.id),
            (SELECT COALESCE(SUM(owner_blob.file_count), 0) FROM owner_blob WHERE owner_blob.owner_id = owner.id)
        FROM owner WHERE EXISTS (SELECT 1 FROM package WHERE package.owner_id = owner.id)
        """,
        """
        INSERT INTO usage (owner_id, slot, size, version_count, file_count)
        SELECT 0, 0, SUM(size), SUM(version_count), SUM(file_count) FROM usage HAVING COUNT(*) > 0
        """,
    ]
}
