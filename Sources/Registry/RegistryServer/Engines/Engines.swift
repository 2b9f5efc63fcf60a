// SPDX-License-Identifier: Apache-2.0

/// What a registry keeps its data in.
package struct Engines: Sendable {
    package var database: DatabaseEngine
    package var blobs: BlobEngine

    package init(database: DatabaseEngine = .sqlite, blobs: BlobEngine = BlobEngine()) {
        self.database = database
        self.blobs = blobs
    }
}
