// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// How long the leases last that somebody prolongs.
    package static let leaseDuration = Duration.seconds(600)
    /// By how much the clocks of two transactions may differ.
    private static let clockTolerance = Duration.seconds(60)

    /// Takes or prolongs a lease; false when another holder has it and it has not run out.
    ///
    /// One that would last longer than such a lease can is of a clock that was ahead, and holds nobody up.
    package func acquireLease(_ name: String, holder: String, for duration: Duration) async throws -> Bool {
        try await database.write { connection in
            let now = try connection.now()
            return try connection.first(
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
            ) != nil
        }
    }

    /// Gives all leases of a holder back that ends.
    package func releaseLeases(of holder: String) async throws {
        try await database.write { connection in
            _ = try connection.execute("DELETE FROM lease WHERE holder = $1", [.text(holder)])
        }
    }

    /// Drops the leases of processes that are gone, which is for the only process on a database to say.
    ///
    /// Longer ones stay: they say when a job was last done.
    func dropLeasesOfOthers() async throws {
        try await database.write { connection in
            let end = try connection.now().adding(Self.leaseDuration)
            _ = try connection.execute("DELETE FROM lease WHERE name = 'migration' OR expires_at <= $1", [.time(end)])
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
