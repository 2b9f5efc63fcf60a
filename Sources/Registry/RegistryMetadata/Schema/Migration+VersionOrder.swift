// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let versionOrder = Migration(
        number: 4,
        name: "the order of versions, and search",
        statements: [
            // The owner of the version's package, which never changes.
            "ALTER TABLE version ADD COLUMN owner_id BIGINT",
            // `VersionRank`; null until `rankVersions` has looked at a row that an older program wrote.
            "ALTER TABLE version ADD COLUMN sort_key {bytes}",
            "ALTER TABLE version ADD COLUMN is_release BIGINT NOT NULL DEFAULT 0",
            "CREATE INDEX version_without_rank ON version (id) WHERE sort_key IS NULL",
            // Gives a page of an owner's versions in its order.
            "CREATE INDEX version_owner ON version (owner_id, id)",
            "CREATE INDEX version_rank ON version (package_id, sort_key, id)",
            "CREATE INDEX version_release ON version (package_id, sort_key, id) WHERE is_release = 1",
            // Gives a page of packages of one name, or of all names in their order.
            "CREATE INDEX package_name ON package (lower_name, id)",
            // Gives a page of a blob's files in its order.
            "DROP INDEX file_blob",
            "CREATE INDEX file_blob ON file (blob_id, id)",
        ]
    )
}
