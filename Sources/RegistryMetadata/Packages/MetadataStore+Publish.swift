// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

/// A file whose content is durable and which is to become visible.
package struct NewFile: Sendable {
    package let coordinate: FileCoordinate
    package let owner: Int64
    package let creator: Int64
    package let sha256: Digest
    package let sizeInBytes: Int64
    /// Where this upload's own copy of the content lies.
    package let key: BlobKey
    /// The key of an existing blob whose content was found missing or damaged: this copy takes its place.
    package let healing: BlobKey?
    /// Whether the file may join a version that is published already.
    package let mayJoinVersion: Bool

    package init(
        coordinate: FileCoordinate,
        owner: Int64,
        creator: Int64,
        sha256: Digest,
        sizeInBytes: Int64,
        key: BlobKey,
        healing: BlobKey?,
        mayJoinVersion: Bool
    ) {
        self.coordinate = coordinate
        self.owner = owner
        self.creator = creator
        self.sha256 = sha256
        self.sizeInBytes = sizeInBytes
        self.key = key
        self.healing = healing
        self.mayJoinVersion = mayJoinVersion
    }
}

/// How a publishing transaction ended.
package enum RecordOutcome: Hashable, Sendable {
    /// The file is visible; its content lies under this key, which may be that of an equal blob.
    case created(key: BlobKey)
    /// The version or the file was there already; nothing was changed.
    case exists(Occupant)
}

extension MetadataStore {
    /// Makes a file visible, with its version and package when they are new: the unique constraints decide who wins.
    ///
    /// The row refers to an existing blob of the same content or to a new one with the upload's key. A blob that is
    /// collected at the same moment is ordered against this transaction by the foreign key.
    package func recordUpload(_ file: NewFile) async throws -> RecordOutcome {
        do {
            return try await writeRetrying { connection in
                let now = try connection.now()
                let package = try Self.findOrInsertPackage(file, now, connection)
                let version = try Self.insertVersion(file, package, now, connection)
                let blob = try Self.findOrInsertBlob(file, now, connection)
                try Self.insertFile(file, version, blob.id, now, connection)
                return .created(key: blob.key)
            }
        } catch let rollback as AlreadyExists {
            return .exists(rollback.occupant)
        }
    }

    /// Rolls the transaction back, after looking at what stands in its way: the next moment it may be gone.
    private struct AlreadyExists: Error {
        let occupant: Occupant

        init(_ file: NewFile, _ connection: any SQLConnection) throws {
            occupant = try MetadataStore.occupant(of: file.coordinate, owner: file.owner, connection)
        }
    }

    private static func findOrInsertPackage(
        _ file: NewFile,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        let name = file.coordinate.package
        let inserted = try connection.first(
            """
            INSERT INTO package (owner_id, name, lower_name, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (owner_id, lower_name) DO NOTHING RETURNING id
            """,
            [.integer(file.owner), .text(name.text), .text(name.folded), .time(now)]
        )
        if let inserted { return try inserted.integer(0) }
        let found = try connection.first(
            "SELECT id FROM package WHERE owner_id = $1 AND lower_name = $2",
            [.integer(file.owner), .text(name.folded)]
        )
        guard let found else { throw SQLError(.conflict, "package \(name) was deleted at the same moment") }
        return try found.integer(0)
    }

    private static func insertVersion(
        _ file: NewFile,
        _ package: Int64,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        let version = file.coordinate.version
        let inserted = try connection.first(
            """
            INSERT INTO version (package_id, version, lower_version, creator_id, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (package_id, lower_version) DO NOTHING RETURNING id
            """,
            [.integer(package), .text(version.text), .text(version.folded), .integer(file.creator), .time(now)]
        )
        if let inserted { return try inserted.integer(0) }
        guard file.mayJoinVersion else { throw try AlreadyExists(file, connection) }
        let found = try connection.first(
            "SELECT id FROM version WHERE package_id = $1 AND lower_version = $2",
            [.integer(package), .text(version.folded)]
        )
        guard let found else { throw SQLError(.conflict, "version \(version) was deleted at the same moment") }
        return try found.integer(0)
    }

    private static func findOrInsertBlob(
        _ file: NewFile,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (id: Int64, key: BlobKey) {
        let inserted = try connection.first(
            """
            INSERT INTO blob (sha256, size, storage_key, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (sha256, size) DO NOTHING RETURNING id
            """,
            [.digest(file.sha256), .integer(file.sizeInBytes), .text(file.key.text), .time(now)]
        )
        if let inserted { return (try inserted.integer(0), file.key) }
        if let broken = file.healing, let healed = try heal(broken, with: file.key, connection) {
            return (healed, file.key)
        }
        let found = try connection.first(
            "SELECT id, storage_key FROM blob WHERE sha256 = $1 AND size = $2",
            [.digest(file.sha256), .integer(file.sizeInBytes)]
        )
        guard let found else { throw SQLError(.conflict, "an equal blob was collected at the same moment") }
        return (try found.integer(0), try found.blobKey(1))
    }

    /// Lets a blob use another copy of its content; nil when another upload was faster.
    private static func heal(
        _ broken: BlobKey,
        with key: BlobKey,
        _ connection: any SQLConnection
    ) throws -> Int64? {
        let healed = try connection.first(
            "UPDATE blob SET storage_key = $1 WHERE storage_key = $2 RETURNING id",
            [.text(key.text), .text(broken.text)]
        )
        guard let healed else { return nil }
        try connection.execute(
            "INSERT INTO blob_removal (storage_key) VALUES ($1) ON CONFLICT (storage_key) DO NOTHING",
            [.text(broken.text)]
        )
        return try healed.integer(0)
    }

    private static func insertFile(
        _ file: NewFile,
        _ version: Int64,
        _ blob: Int64,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let name = file.coordinate.file
        let inserted = try connection.first(
            """
            INSERT INTO file (version_id, blob_id, name, lower_name, download_count, created_at)
            VALUES ($1, $2, $3, $4, 0, $5)
            ON CONFLICT (version_id, lower_name) DO NOTHING RETURNING id
            """,
            [.integer(version), .integer(blob), .text(name.text), .text(name.folded), .time(now)]
        )
        guard inserted != nil else { throw try AlreadyExists(file, connection) }
    }
}

extension SQLRow {
    /// The blob key in a column that is never null.
    func blobKey(_ column: Int) throws -> BlobKey {
        guard let key = BlobKey(try text(column)) else {
            throw SQLError(
                .unexpectedValue,
                "column \(column) of the result is not a blob's key: the database was changed by hand"
            )
        }
        return key
    }
}
