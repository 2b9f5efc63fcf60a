// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let maintenance = Migration(
        number: 2,
        name: "content that was found left over or damaged",
        statements: [
            // Keys that a publish must not come to use any more, because their content was taken for left over.
            "CREATE TABLE condemned_key (storage_key TEXT PRIMARY KEY, condemned_at BIGINT NOT NULL)",
            // Damaged content, kept until its blob is healed or deleted.
            """
            CREATE TABLE quarantine (
                storage_key TEXT PRIMARY KEY,
                blob_id BIGINT NOT NULL,
                quarantined_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX quarantine_blob ON quarantine (blob_id)",
        ]
    )
}
