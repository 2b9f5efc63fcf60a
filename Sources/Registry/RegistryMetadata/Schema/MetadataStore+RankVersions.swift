// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension MetadataStore {
    private static let batch: Int64 = 1000

    /// Gives a rank and an owner to some of the versions that have none; returns how many there were.
    ///
    /// A program without ranks published them, before the upgrade or on another node in its course.
    func rankVersions() async throws -> Int {
        try await writeRetrying { connection in
            try connection.extendDeadline(by: .seconds(60))
            let rows = try connection.query(
                """
                SELECT version.id, version.version, package.owner_id
                FROM version JOIN package ON package.id = version.package_id
                WHERE version.sort_key IS NULL ORDER BY version.id LIMIT $1
                """,
                [.integer(Self.batch)]
            )
            for row in rows {
                let rank = VersionRank(try PackageVersion(try row.text(1)))
                try connection.execute(
                    "UPDATE version SET owner_id = $2, sort_key = $3, is_release = $4 WHERE id = $1",
                    [row.columns[0], row.columns[2], .bytes(rank.key), .flag(rank.isRelease)]
                )
            }
            return rows.count
        }
    }
}
