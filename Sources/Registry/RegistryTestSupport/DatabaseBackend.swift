// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import PostgresDriver
package import RegistryServer
package import RegistryStorage
import SQLiteDriver

/// A driver of `SQLDatabase` that the conformance suite tests; add a line for a new driver.
package struct DatabaseBackend: Sendable, CustomStringConvertible {
    package let description: String
    /// Opens the database of a directory; the same directory always gives the same database.
    package let open: @Sendable (_ directory: String, _ clock: ManualClock) async throws -> any SQLDatabase
    /// Returns the setting of a server for the same database.
    package let engine: @Sendable (_ directory: String) throws -> DatabaseEngine
    /// Creates what a directory needs outside of it; `remove` is the counterpart.
    private let prepare: @Sendable (_ directory: String) async throws -> Void
    private let remove: @Sendable (_ directory: String) async throws -> Void

    /// The drivers that are available in this environment.
    package static let available = [sqlite] + (TestPostgres.given.map { [postgres($0)] } ?? [])

    /// SQLite in a file.
    package static let sqlite = DatabaseBackend(
        description: "SQLite",
        open: { directory, clock in
            try SQLiteDatabase(path: directory + "/granary.db", readers: 4, clock: { clock.now() })
        },
        engine: { _ in .sqlite },
        prepare: { _ in },
        remove: { _ in }
    )

    /// Returns a backend for a PostgreSQL server that uses one schema per directory.
    package static func postgres(_ server: TestPostgres) -> DatabaseBackend {
        DatabaseBackend(
            description: "PostgreSQL",
            open: { directory, clock in
                let address = try server.address(schema: schema(directory))
                return ClockedDatabase(base: try await PostgresDatabase.open(address, connections: 4), clock: clock)
            },
            engine: { directory in .postgres(try server.address(schema: schema(directory)), connections: 4) },
            prepare: { directory in
                try await server.execute("CREATE SCHEMA \(schema(directory))")
            },
            remove: { directory in
                try await server.execute("DROP SCHEMA \(schema(directory)) CASCADE")
            }
        )
    }

    private static func schema(_ directory: String) -> String {
        "s" + String(directory.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.suffix(40))
    }

    /// Runs a test on an empty database.
    package func run(_ body: (any SQLDatabase, ManualClock) async throws -> Void) async throws {
        try await withDirectory { directory in
            let clock = ManualClock()
            let database = try await open(directory, clock)
            try await body(database, clock)
            try await database.close()
        }
    }

    /// Runs a test with a directory in which databases can be opened, and removes both afterwards.
    package func withDirectory(_ body: (String) async throws -> Void) async throws {
        try await TestSlots.shared.withSlot {
            try await withTemporaryDirectory { directory in
                try await prepare(directory)
                do {
                    try await body(directory)
                } catch {
                    try? await remove(directory)
                    throw error
                }
                try await remove(directory)
            }
        }
    }
}
