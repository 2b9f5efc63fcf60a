// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// The reason why the schema cannot be used.
package struct SchemaError: Error, CustomStringConvertible {
    /// The problem and its remedy.
    package let description: String
}

/// The schema of the database.
package struct SchemaStore: Sendable {
    private static let batch: Int64 = 1000

    let database: MetadataDatabase

    /// Brings the schema up to date, one transaction per step; of several nodes, one migrates while the others wait.
    ///
    /// `holder` identifies this process among those that may migrate; `pause` waits before the lease is requested again. A process
    /// that `isAlone` on the database waits for no other.
    package func migrate(holder: String, isAlone: Bool = false, pause: () async throws -> Void) async throws {
        let leases = LeaseStore(database: database)
        var collisions = 0
        while true {
            do {
                try await prepareTables()
                break
            } catch let error as SQLError where error.code == .uniqueViolation && collisions < 4 {
                // Another node created one of them at the same moment.
                collisions += 1
            }
        }
        if isAlone { try await leases.dropOthers() }
        while try await !leases.acquire("migration", holder: holder, for: .seconds(60)) { try await pause() }
        do {
            try await applyMissing(holder: holder)
        } catch {
            // Another version of the program, which may be the remedy, need not wait until the lease expires.
            try? await leases.release("migration", holder: holder)
            throw error
        }
        try await leases.release("migration", holder: holder)
    }

    private func applyMissing(holder: String) async throws {
        let applied = try await database.read { tx in
            try tx.all("SELECT number FROM schema_migration ORDER BY number") { try $0.integer() }
        }
        let newest = Int64(Migration.all.count)
        if let foreign = applied.last, foreign > newest {
            throw SchemaError(
                description: "the database has schema \(foreign), but this version of granary supports only up to "
                    + "\(newest): start a newer version of granary"
            )
        }
        for migration in Migration.all where !applied.contains(migration.number) {
            try await renewLease(holder: holder)
            try await apply(migration)
        }
        while try await rankVersions() > 0 { try await renewLease(holder: holder) }
    }

    private func renewLease(holder: String) async throws {
        guard try await LeaseStore(database: database).acquire("migration", holder: holder, for: .seconds(60)) else {
            throw SchemaError(description: "another process took over the migration: restart the server")
        }
    }

    private func prepareTables() async throws {
        try await database.writeOnce { tx in
            try tx.execute(
                """
                CREATE TABLE IF NOT EXISTS lease (
                    name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL
                )
                """
            )
            try tx.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL
                )
                """
            )
        }
    }

    private func apply(_ migration: Migration) async throws {
        let statements = migration.statements(for: database.dialect)
        try await database.writeOnce { tx in
            try tx.extendDeadline(by: .seconds(3600))
            for statement in statements { try tx.execute(statement) }
            try tx.execute(
                "INSERT INTO schema_migration (number, name, applied_at) VALUES ($1, $2, $3)",
                [.integer(migration.number), .text(migration.name), .time(try tx.now)]
            )
        }
    }

    /// Gives a rank and an owner to some of the versions that have none; returns how many there were.
    ///
    /// A program without ranks published them, before the upgrade or on another node in its course.
    func rankVersions() async throws -> Int {
        try await database.write { tx in
            try tx.extendDeadline(by: .seconds(60))
            let unranked = try tx.all(
                """
                SELECT version.id, version.version, package.owner_id
                FROM version JOIN package ON package.id = version.package_id
                WHERE version.sort_key IS NULL ORDER BY version.id LIMIT $1
                """,
                [.integer(Self.batch)]
            ) { row in
                (id: try row.integer(), rank: VersionRank(try PackageVersion(try row.text())), owner: try row.integer())
            }
            for version in unranked {
                try tx.execute(
                    "UPDATE version SET owner_id = $2, sort_key = $3, is_release = $4 WHERE id = $1",
                    [
                        .integer(version.id), .integer(version.owner), .bytes(version.rank.key),
                        .flag(version.rank.isRelease),
                    ]
                )
            }
            return unranked.count
        }
    }
}
