// SPDX-License-Identifier: Apache-2.0

/// A database and a blob store that a registry runs on together; every test of a use case runs on each pair.
package struct EnginePair: Sendable, CustomStringConvertible {
    package let database: DatabaseBackend
    package let blobs: BlobBackend

    package var description: String { "\(database), \(blobs)" }

    /// The pairs that can be used here: the embedded one, and PostgreSQL with S3, as far as there are such servers.
    package static var available: [EnginePair] {
        let servers = DatabaseBackend.available.dropFirst().map { database in
            EnginePair(database: database, blobs: BlobBackend.s3 ?? .local)
        }
        return [embedded] + servers
    }

    /// SQLite and files, all of it below one directory.
    package static let embedded = EnginePair(database: .sqlite, blobs: .local)

    /// Runs a test with a directory that both can be opened in; what belongs to it is removed afterwards.
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
