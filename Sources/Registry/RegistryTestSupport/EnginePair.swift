// SPDX-License-Identifier: Apache-2.0

package import RegistryServer

/// A database and a blob store for one registry; every use case test runs on each pair.
package struct EnginePair: Sendable, CustomStringConvertible {
    package let database: DatabaseBackend
    package let blobs: BlobBackend

    package var description: String { "\(database), \(blobs)" }

    /// The pairs that are available in this environment: the embedded one, and PostgreSQL with S3 if such servers are configured.
    package static var available: [EnginePair] {
        let servers = DatabaseBackend.available.dropFirst().map { database in
            EnginePair(database: database, blobs: BlobBackend.s3 ?? .local)
        }
        return [embedded] + servers
    }

    /// SQLite and files in one directory.
    package static let embedded = EnginePair(database: .sqlite, blobs: .local)

    /// Returns the settings of a server for the engines of a directory.
    package func engines(of directory: String) throws -> Engines {
        Engines(database: try database.engine(directory), blobs: try blobs.engine(directory))
    }

    /// Runs a test with a directory for both engines, and removes their data afterwards.
    package func withDirectory(_ body: (String) async throws -> Void) async throws {
        try await database.withDirectory { directory in
            do {
                try await body(directory)
            } catch {
                try? await blobs.clean(directory)
                throw error
            }
            try await blobs.clean(directory)
        }
    }
}
