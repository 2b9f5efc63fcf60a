// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import Loops
package import PostgresDriver
import RegistryCore
import RegistryStorage
package import S3Blobs
import SQLiteDriver

/// The stores of a registry's data.
package struct Engines: Sendable {
    package var database: DatabaseEngine
    package var blobs: BlobEngine

    package init(database: DatabaseEngine = .sqlite, blobs: BlobEngine = BlobEngine()) {
        self.database = database
        self.blobs = blobs
    }
}

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

/// The configured content stores.
package struct BlobEngine: Sendable {
    /// A content store.
    package enum Place: Sendable {
        /// The store in the data directory.
        case local
        case s3(S3Configuration)

        /// The value of the setting that selects the store.
        var name: String {
            switch self {
            case .local: "local"
            case .s3: "s3"
            }
        }
    }

    /// The store for new content.
    package var place = Place.local
    /// The previous store, with content that has not been copied yet; nil if there is none.
    package var earlier: Place?

    package init(place: Place = .local, earlier: Place? = nil) {
        self.place = place
        self.earlier = earlier
    }

    /// Opens the store; the error of an unusable store is one sentence.
    ///
    /// `lacks` receives a sentence for each missing feature that the registry does not depend on.
    func open(
        in directory: DataDirectory,
        readers: BlockingPool,
        writers: BlockingPool,
        now: @escaping @Sendable () -> Timestamp,
        lacks: (String) -> Void
    ) async throws -> any BlobStore {
        func store(_ place: Place) async throws -> any BlobStore {
            switch place {
            case .local: try LocalBlobStore(root: directory.blobs, readers: readers, writers: writers)
            case .s3(let configuration):
                try await S3BlobStore.open(configuration, readers: readers, now: now, lacks: lacks)
            }
        }
        let current = try await store(place)
        guard let earlier else { return current }
        return FallbackBlobStore(current: current, earlier: try await store(earlier))
    }
}
