// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let deferredSize = Migration(
        number: 7,
        name: "uploads whose size is stated later",
        // Until then `size` is 0.
        statements: ["ALTER TABLE upload ADD COLUMN is_size_known BIGINT NOT NULL DEFAULT 1"]
    )
}
