// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

extension MetadataStore {
    /// Adds completed downloads to the counts of files; files that are gone are passed over.
    package func addDownloads(_ counts: [Int64: Int64]) async throws {
        try await database.write { connection in
            // In one order everywhere, so that two nodes cannot wait for each other's rows.
            for (file, count) in counts.sorted(by: { $0.key < $1.key }) {
                try connection.execute(
                    "UPDATE file SET download_count = download_count + $1 WHERE id = $2",
                    [.integer(count), .integer(file)]
                )
            }
        }
    }
}
