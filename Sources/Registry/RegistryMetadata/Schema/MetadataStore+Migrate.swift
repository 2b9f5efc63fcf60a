// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// Why the schema cannot be used.
package struct SchemaError: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    package let description: String
}

extension MetadataStore {
    /// Brings the schema up to date, each step in a transaction of its own; of several nodes one works, the others wait.
    ///
    /// `holder` names this process among those that may migrate; `pause` waits a moment before the lease is asked for again. A process that
    /// `isAlone` on the database waits for none.
    package func migrate(holder: String, isAlone: Bool = false, pause: () async throws -> Void) async throws {
        var collisions = 0
        while true {
            do {
                try await prepareTables()
                break
            } catch let error as SQLError where error.code == .uniqueViolation && collisions < 4 {
                // Another node made one of them at the same moment.
                collisions += 1
            }
        }
        if isAlone { try await dropLeasesOfOthers() }
        while try await !acquireLease("migration", holder: holder, for: .seconds(60)) { try await pause() }
        do {
            try await applyMissing(holder: holder)
        } catch {
            // Another version of the program, which may be the remedy, need not wait until the lease runs out.
            try? await releaseLease("migration", holder: holder)
            throw error
        }
        try await releaseLease("migration", holder: holder)
    }

    private func applyMissing(holder: String) async throws {
        let applied = try await database.read { try $0.query("SELECT number FROM schema_migration ORDER BY number") }
            .map { try $0.integer(0) }
        let newest = Int64(Migration.all.count)
        if let foreign = applied.last, foreign > newest {
            throw SchemaError(
                description: "the database has schema \(foreign), but this version of granary supports only up to "
                    + "\(newest): start a newer version of granary"
            )
        }
        for migration in Migration.all where !applied.contains(migration.number) {
            try await prolongLease(holder: holder)
            try await apply(migration)
        }
        while try await rankVersions() > 0 { try await prolongLease(holder: holder) }
    }

    private func prolongLease(holder: String) async throws {
        guard try await acquireLease("migration", holder: holder, for: .seconds(60)) else {
            throw SchemaError(description: "another process took over the migration: restart the server")
        }
    }

    private func prepareTables() async throws {
        try await database.write { connection in
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS lease (
                    name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL
                )
                """
            )
            try connection.execute(
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
        try await database.write { connection in
            try connection.extendDeadline(by: .seconds(3600))
            for statement in statements { try connection.execute(statement) }
            try connection.execute(
                "INSERT INTO schema_migration (number, name, applied_at) VALUES ($1, $2, $3)",
                [.integer(migration.number), .text(migration.name), .time(try connection.now())]
            )
        }
    }
}
