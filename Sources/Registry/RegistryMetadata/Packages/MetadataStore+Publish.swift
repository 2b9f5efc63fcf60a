// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

/// A file whose content is durable and which is to become visible.
package struct NewFile: Sendable {
    package let coordinate: FileCoordinate
    package let owner: Int64
    package let creator: Int64
    /// The creator's credential to check again; nil if no check is needed.
    package let credential: Credential?
    package let sha256: Digest
    package let sizeInBytes: Int64
    /// Where this upload's own copy of the content lies.
    package let key: BlobKey
    /// The key of an existing blob whose content was found missing or damaged: this copy takes its place.
    package let healing: BlobKey?
    /// Whether the file may join a version that is published already.
    package let mayJoinVersion: Bool
    /// What the registry's settings bound; the owner's own limits are stronger.
    package let quotas: Quotas
    /// The room that the upload has set aside.
    package let reservation: UploadID?
    /// The upload of several requests that the file ends.
    package let completing: UploadID?

    package init(
        coordinate: FileCoordinate,
        owner: Int64,
        creator: Int64,
        credential: Credential? = nil,
        sha256: Digest,
        sizeInBytes: Int64,
        key: BlobKey,
        healing: BlobKey?,
        mayJoinVersion: Bool,
        quotas: Quotas = Quotas(),
        reservation: UploadID? = nil,
        completing: UploadID? = nil
    ) {
        self.coordinate = coordinate
        self.owner = owner
        self.creator = creator
        self.credential = credential
        self.sha256 = sha256
        self.sizeInBytes = sizeInBytes
        self.key = key
        self.healing = healing
        self.mayJoinVersion = mayJoinVersion
        self.quotas = quotas
        self.reservation = reservation
        self.completing = completing
    }
}

/// How a publishing transaction ended.
package enum RecordOutcome: Hashable, Sendable {
    /// The file is visible; its content lies under this key, which may be that of an equal blob.
    case created(key: BlobKey)
    /// The version or the file was there already; nothing was changed.
    case exists(Occupant)
    /// There is no room for the file; nothing was changed.
    case overQuota(QuotaBreach)
    /// The owner has so many drafts, and none of this version; nothing was changed.
    case tooManyDrafts(limit: Int64)
    /// Who publishes may not any more; nothing was changed.
    case refused(PublishRefusal)

    var isFull: Bool {
        switch self {
        case .overQuota, .tooManyDrafts: true
        default: false
        }
    }
}

extension MetadataStore {
    /// Makes a file visible, with its version and package when they are new: the unique constraints decide who wins.
    ///
    /// The row refers to an existing blob of the same content or to a new one with the upload's key. A blob that is
    /// collected at the same moment is ordered against this transaction by the foreign key.
    package func recordUpload(_ file: NewFile) async throws -> RecordOutcome {
        try await sweepingWhenFull(\.isFull) { try await tryToRecordUpload(file) }
    }

    private func tryToRecordUpload(_ file: NewFile) async throws -> RecordOutcome {
        do {
            return try await writeUnlessRolledBack { connection, isRetry in
                let now = try connection.now()
                if let refusal = try Self.refusal(of: file.publisher, now, connection) { return .refused(refusal) }
                let joined = try self.versionToJoin(file, isRetry: isRetry, connection)
                let version = try joined ?? Self.insertVersion(file, now, connection)
                let blob = try Self.findOrInsertBlob(file, now, connection)
                try Self.insertFile(file, version, blob.id, now, connection)
                try Self.charge(
                    [(blob.id, file.sizeInBytes)],
                    of: file.coordinate.versionCoordinate,
                    isNew: joined == nil,
                    owner: file.owner,
                    freeing: Self.takeReservation(file, connection),
                    keeping: file.quotas,
                    connection
                )
                try lookAgain(at: file.publisher, connection) { RecordOutcome.refused($0) }
                return .created(key: blob.key)
            }
        } catch let rollback as AlreadyExists {
            return .exists(rollback.occupant)
        } catch let full as Rollback<QuotaBreach> {
            return .overQuota(full.outcome)
        }
    }

    /// Rolls the transaction back, after looking at what stands in its way: the next moment it may be gone.
    struct AlreadyExists: Error {
        let occupant: Occupant

        init(_ file: NewFile, _ connection: any SQLConnection) throws {
            occupant = try MetadataStore.occupant(of: file.coordinate, owner: file.owner, connection)
        }
    }

    /// The version that is there already and takes further files.
    ///
    /// A publisher that has lost it to a concurrent delete, or has met it when it was just published, locks its package first.
    func versionToJoin(_ file: NewFile, isRetry: Bool, _ connection: any SQLConnection) throws -> Int64? {
        guard file.mayJoinVersion else { return nil }
        if isRetry { return try lockVersion(file.coordinate.versionCoordinate, owner: file.owner, connection) }
        return try Self.versionID(file.coordinate.versionCoordinate, owner: file.owner, connection)
    }

    static func insertVersion(
        _ file: NewFile,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        let version = file.coordinate.version
        let rank = VersionRank(version)
        let package = try countVersion(of: file, now, connection)
        let inserted = try connection.first(
            """
            INSERT INTO version (
                package_id, version, lower_version, creator_id, created_at, owner_id, sort_key, is_release
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (package_id, lower_version) DO NOTHING RETURNING id
            """,
            [
                .integer(package), .text(version.text), .text(version.folded), .integer(file.creator), .time(now),
                .integer(file.owner), .bytes(rank.key), .flag(rank.isRelease),
            ]
        )
        if let inserted { return try inserted.integer(0) }
        guard file.mayJoinVersion else { throw try AlreadyExists(file, connection) }
        throw SQLError(.conflict, "version \(version) was published concurrently")
    }

    /// Finds or makes the package of a new version, and counts it there.
    ///
    /// This locks the package first of all rows, as a delete does, so that the two never wait for each other.
    private static func countVersion(
        of file: NewFile,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        let name = file.coordinate.package
        let package = try connection.first(
            """
            INSERT INTO package (owner_id, name, lower_name, version_count, created_at) VALUES ($1, $2, $3, 1, $4)
            ON CONFLICT (owner_id, lower_name) DO UPDATE SET version_count = package.version_count + 1
            RETURNING id
            """,
            [.integer(file.owner), .text(name.text), .text(name.folded), .time(now)]
        )
        guard let package else { throw SQLError(.conflict, "package \(name) was deleted concurrently") }
        return try package.integer(0)
    }

    static func findOrInsertBlob(
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
        if let inserted {
            try refuseCondemned(file.key, connection)
            return (try inserted.integer(0), file.key)
        }
        if let broken = file.healing, let healed = try heal(broken, with: file.key, connection) {
            return (healed, file.key)
        }
        let found = try connection.first(
            "SELECT id, storage_key FROM blob WHERE sha256 = $1 AND size = $2",
            [.digest(file.sha256), .integer(file.sizeInBytes)]
        )
        guard let found else { throw SQLError(.conflict, "an identical blob was collected concurrently") }
        return (try found.integer(0), try found.blobKey(1))
    }

    static func insertFile(
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
                "column \(column) of the result is not a blob's key: the database was modified manually"
            )
        }
        return key
    }
}
