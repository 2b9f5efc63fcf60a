// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let countedVersions = Migration(
        number: 8,
        name: "reserved versions that are published take no room",
        // Without the mark, publishing a version would also have to update every draft and reservation that holds it.
        statements: [
            "ALTER TABLE reserved_version ADD COLUMN is_counted BIGINT NOT NULL DEFAULT 1",
            "DROP INDEX draft_new_version",
            "DROP INDEX reservation_new_version",
        ]
    )
}
