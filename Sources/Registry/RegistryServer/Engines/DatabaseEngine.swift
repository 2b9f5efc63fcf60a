// SPDX-License-Identifier: Apache-2.0

package import PostgresDriver
import RegistryCore
import RegistryStorage
import SQLiteDriver

/// Where metadata is kept.
package enum DatabaseEngine: Hashable, Sendable {
    /// A file in the data directory.
    case sqlite
    /// A database that several nodes may share, with so many connections from this one.
    case postgres(PostgresAddress, connections: Int)

    /// How many connections a node has to PostgreSQL when nothing is said.
    package static let defaultConnections = 16

    /// Opens the database; throws a sentence when it cannot be used.
    func open(in directory: DataDirectory, now: @escaping @Sendable () -> Timestamp) async throws -> any SQLDatabase {
        switch self {
        case .sqlite:
            let database = try SQLiteDatabase(path: directory.database, readers: 4, clock: now)
            // The file is new at the first start: its entry must not be lost with the power.
            try LocalDirectory.synchronize(directory.path)
            return database
        case .postgres(let address, let connections):
            return try await PostgresDatabase.open(address, connections: connections)
        }
    }
}
