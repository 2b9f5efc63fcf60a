// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Takes or prolongs a lease; false when another holder has it and it has not run out.
    package func acquireLease(_ name: String, holder: String, for duration: Duration) async throws -> Bool {
        try await database.write { connection in
            let now = try connection.now()
            return try connection.first(
                """
                INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3)
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
                WHERE lease.expires_at <= $4 OR lease.holder = excluded.holder
                RETURNING holder
                """,
                [.text(name), .text(holder), .time(now.adding(duration)), .time(now)]
            ) != nil
        }
    }

    /// Gives a lease back; without effect when another holder has it.
    package func releaseLease(_ name: String, holder: String) async throws {
        try await database.write { connection in
            _ = try connection.execute(
                "DELETE FROM lease WHERE name = $1 AND holder = $2",
                [.text(name), .text(holder)]
            )
        }
    }
}
