// SPDX-License-Identifier: Apache-2.0

/// The stores of a registry's data.
package struct Engines: Sendable {
    package var database: DatabaseEngine
    package var blobs: BlobEngine

    package init(database: DatabaseEngine = .sqlite, blobs: BlobEngine = BlobEngine()) {
        self.database = database
        self.blobs = blobs
    }
}
