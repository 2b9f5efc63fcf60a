// SPDX-License-Identifier: Apache-2.0

package import PostgresDriver
import RegistryCore
import RegistryStorage
import SQLiteDriver

/// The metadata store.
package enum DatabaseEngine: Hashable, Sendable {
    /// A file in the data directory.
    case sqlite
    /// A database that several nodes may share, with the maximum number of connections from this node.
    case postgres(PostgresAddress, connections: Int)

    /// The default number of connections to PostgreSQL per node.
    package static let defaultConnections = 16

    /// Opens the database; the error of an unusable one is one sentence.
    func open(in directory: DataDirectory, now: @escaping @Sendable () -> Timestamp) async throws -> any SQLDatabase {
        switch self {
        case .sqlite:
            let database = try SQLiteDatabase(path: directory.database, readers: 4, clock: now)
            // At the first start the file is new, and its directory entry must survive a power failure.
            try LocalDirectory.synchronize(directory.path)
            return database
        case .postgres(let address, let connections):
            return try await PostgresDatabase.open(address, connections: connections)
        }
    }
}
