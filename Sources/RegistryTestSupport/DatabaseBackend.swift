// SPDX-License-Identifier: Apache-2.0

package import RegistryStorage
import SQLiteDriver

/// A driver of `SQLDatabase` that the conformance suite runs through; a new one adds a line.
package struct DatabaseBackend: Sendable, CustomStringConvertible {
    package let description: String
    /// Opens the database that belongs to a directory, the same one each time.
    package let open: @Sendable (_ directory: String, _ clock: ManualClock) async throws -> any SQLDatabase

    /// The drivers that can be used here.
    package static let available = [sqlite]

    /// SQLite in a file.
    package static let sqlite = DatabaseBackend(description: "SQLite") { directory, clock in
        try SQLiteDatabase(path: directory + "/granary.db", readers: 4, clock: { clock.now() })
    }

    /// Runs a test on an empty database.
    package func run(_ body: (any SQLDatabase, ManualClock) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let clock = ManualClock()
            let database = try await open(directory, clock)
            try await body(database, clock)
            try await database.close()
        }
    }
}
