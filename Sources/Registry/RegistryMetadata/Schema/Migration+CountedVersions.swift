// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let countedVersions = Migration(
        number: 8,
        name: "reserved versions that are published take no room",
        // Whoever publishes a version would else have to change each draft and reservation that would make it, too.
        statements: [
            "ALTER TABLE reserved_version ADD COLUMN is_counted BIGINT NOT NULL DEFAULT 1",
            "DROP INDEX draft_new_version",
            "DROP INDEX reservation_new_version",
        ]
    )
}
