// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// Leases, by which one of several processes does a job.
package struct LeaseStore: Sendable {
    /// How long the leases last that their holders renew.
    package static let duration = Duration.seconds(600)
    /// By how much the clocks of two transactions may differ.
    private static let clockTolerance = Duration.seconds(60)

    let database: MetadataDatabase

    /// Acquires or renews a lease; returns false if another holder has it and it has not expired.
    ///
    /// A lease with a later end than any lease can have was made by a clock that was ahead, and counts as expired.
    package func acquire(_ name: String, holder: String, for duration: Duration) async throws -> Bool {
        try await database.write { tx in
            let now = try tx.now
            return try tx.exists(
                """
                INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3)
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
                WHERE lease.expires_at <= $4 OR lease.holder = excluded.holder OR lease.expires_at > $5
                RETURNING holder
                """,
                [
                    .text(name), .text(holder), .time(now.adding(duration)), .time(now),
                    .time(now.adding(duration + Self.clockTolerance)),
                ]
            )
        }
    }

    /// Releases a lease; has no effect if another holder has it.
    package func release(_ name: String, holder: String) async throws {
        try await database.write { tx in
            _ = try tx.execute("DELETE FROM lease WHERE name = $1 AND holder = $2", [.text(name), .text(holder)])
        }
    }

    /// Releases all leases of a holder that ends.
    package func releaseAll(of holder: String) async throws {
        try await database.write { tx in
            _ = try tx.execute("DELETE FROM lease WHERE holder = $1", [.text(holder)])
        }
    }

    /// Drops the leases of processes that have ended; only the single process on a database can know that.
    ///
    /// Longer ones stay: they record when a job was last done.
    func dropOthers() async throws {
        try await database.write { tx in
            let end = try tx.now.adding(Self.duration)
            _ = try tx.execute("DELETE FROM lease WHERE name = 'migration' OR expires_at <= $1", [.time(end)])
        }
    }
}
