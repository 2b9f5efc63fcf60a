// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// What a transaction adds to a usage.
struct UsageChange: Equatable {
    var size: Int64 = 0
    var versionCount: Int64 = 0
    var fileCount: Int64 = 0
    /// What is set aside for what is not published yet.
    var reservedSize: Int64 = 0
    var reservedVersionCount: Int64 = 0
    /// Uploads of several requests that are not complete.
    var uploadCount: Int64 = 0
    var draftCount: Int64 = 0

    static func += (change: inout UsageChange, other: UsageChange) {
        change.size += other.size
        change.versionCount += other.versionCount
        change.fileCount += other.fileCount
        change.reservedSize += other.reservedSize
        change.reservedVersionCount += other.reservedVersionCount
        change.uploadCount += other.uploadCount
        change.draftCount += other.draftCount
    }
}

/// In which rows of the usage a transaction counts, the same ones each time.
struct UsageSlots {
    /// The slot whose row orders the transactions that have to keep a quota.
    static let ordering: Int64 = 0
    /// The others; one is taken at random, so that publishers of one owner need not wait for each other's commits.
    private static let free: ClosedRange<Int64> = 1...32

    fileprivate let owner: Int64
    fileprivate let total: Int64

    /// `isOwnerBounded` is for what bounds an owner beside its quota.
    init(keeping quotas: Quotas = Quotas(), isOwnerBounded: Bool = false) {
        owner = quotas.owner.isUnlimited && !isOwnerBounded ? .random(in: Self.free) : Self.ordering
        total = quotas.total.isUnlimited ? .random(in: Self.free) : Self.ordering
    }
}

extension MetadataStore {
    /// How much an owner, or all owners together, have; of what is set aside only what has not expired, which is added up.
    package func usage(of scope: UsageScope) async throws -> Usage {
        try await database.read { connection in
            var usage = try Self.usage(of: scope, connection)
            let now = SQLValue.time(try connection.now())
            let row =
                switch scope {
                case .owner(let id):
                    try connection.first(
                        """
                        SELECT COALESCE(SUM(room_set_aside.size), 0), COUNT(DISTINCT reserved_version.version)
                        FROM room_set_aside LEFT JOIN reserved_version
                            ON reserved_version.version = room_set_aside.new_version AND reserved_version.is_counted = 1
                        WHERE room_set_aside.owner_id = $2 AND room_set_aside.expires_at > $1
                        """,
                        [now, .integer(id)]
                    )
                case .total:
                    try connection.first(
                        """
                        SELECT COALESCE(SUM(room_set_aside.size), 0), COUNT(DISTINCT reserved_version.version)
                        FROM room_set_aside LEFT JOIN reserved_version
                            ON reserved_version.version = room_set_aside.new_version AND reserved_version.is_counted = 1
                        WHERE room_set_aside.expires_at > $1
                        """,
                        [now]
                    )
                }
            usage.reservedSize = try row?.integer(0) ?? 0
            usage.reservedVersionCount = try row?.integer(1) ?? 0
            return usage
        }
    }

    /// What is published, and what is counted as set aside, which may have expired and not been swept yet.
    static func usage(of scope: UsageScope, _ connection: any SQLConnection) throws -> Usage {
        var usage = Usage()
        let row = try connection.first(
            """
            SELECT COALESCE(SUM(size), 0), COALESCE(SUM(version_count), 0), COALESCE(SUM(file_count), 0),
                COALESCE(SUM(reserved_size), 0), COALESCE(SUM(reserved_version_count), 0),
                COALESCE(SUM(upload_count), 0), COALESCE(SUM(draft_count), 0)
            FROM usage WHERE owner_id = $1
            """,
            [.integer(scope.number)]
        )
        guard let row else { return usage }
        usage.size = try row.integer(0)
        usage.versionCount = try row.integer(1)
        usage.fileCount = try row.integer(2)
        usage.reservedSize = try row.integer(3)
        usage.reservedVersionCount = try row.integer(4)
        usage.uploadCount = try row.integer(5)
        usage.draftCount = try row.integer(6)
        return usage
    }

    /// Counts a change for an owner and for all, and lets whoever has to keep a quota wait for others who do: until this
    /// transaction ends, they do not look at the sums.
    static func add(
        _ change: UsageChange,
        owner: Int64,
        in slots: UsageSlots = UsageSlots(),
        _ connection: any SQLConnection
    ) throws {
        // The owner's row comes first in every transaction.
        try connection.execute(
            """
            INSERT INTO usage (
                owner_id, slot, size, version_count, file_count, reserved_size, reserved_version_count, upload_count,
                draft_count
            ) VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $10), (0, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (owner_id, slot) DO UPDATE SET
                size = usage.size + excluded.size,
                version_count = usage.version_count + excluded.version_count,
                file_count = usage.file_count + excluded.file_count,
                reserved_size = usage.reserved_size + excluded.reserved_size,
                reserved_version_count = usage.reserved_version_count + excluded.reserved_version_count,
                upload_count = usage.upload_count + excluded.upload_count,
                draft_count = usage.draft_count + excluded.draft_count
            """,
            [
                .integer(owner), .integer(slots.owner), .integer(slots.total), .integer(change.size),
                .integer(change.versionCount), .integer(change.fileCount), .integer(change.reservedSize),
                .integer(change.reservedVersionCount), .integer(change.uploadCount), .integer(change.draftCount),
            ]
        )
    }

    /// Counts changes of several owners: all of theirs before the total, as everybody locks them.
    static func add(_ changes: [Int64: UsageChange], _ connection: any SQLConnection) throws {
        let slots = UsageSlots()
        var total = UsageChange()
        for (owner, change) in changes.sorted(by: { $0.key < $1.key }) {
            try add(change, toRow: slots.owner, of: owner, connection)
            total += change
        }
        if !changes.isEmpty { try add(total, toRow: slots.total, of: UsageScope.total.number, connection) }
    }

    /// Adds a change to one row.
    static func add(
        _ change: UsageChange,
        toRow slot: Int64 = UsageSlots.ordering,
        of number: Int64,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO usage (
                owner_id, slot, size, version_count, file_count, reserved_size, reserved_version_count, upload_count,
                draft_count
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (owner_id, slot) DO UPDATE SET
                size = usage.size + excluded.size,
                version_count = usage.version_count + excluded.version_count,
                file_count = usage.file_count + excluded.file_count,
                reserved_size = usage.reserved_size + excluded.reserved_size,
                reserved_version_count = usage.reserved_version_count + excluded.reserved_version_count,
                upload_count = usage.upload_count + excluded.upload_count,
                draft_count = usage.draft_count + excluded.draft_count
            """,
            [
                .integer(number), .integer(slot), .integer(change.size), .integer(change.versionCount),
                .integer(change.fileCount), .integer(change.reservedSize), .integer(change.reservedVersionCount),
                .integer(change.uploadCount), .integer(change.draftCount),
            ]
        )
    }

    /// Counts new files of one version by their contents, in the order of the blobs, and rolls back when a quota has no room for
    /// them; `room` is what was set aside for them.
    static func charge(
        _ contents: [(blob: Int64, sizeInBytes: Int64)],
        of version: VersionCoordinate,
        isNew: Bool,
        owner: Int64,
        freeing room: FreedRoom,
        keeping quotas: Quotas,
        _ connection: any SQLConnection
    ) throws {
        var change = UsageChange(versionCount: isNew ? 1 : 0, fileCount: Int64(contents.count))
        var limits = OwnerLimits()
        for (blob, size) in contents {
            let row = try connection.first(
                """
                INSERT INTO owner_blob (owner_id, blob_id, file_count) VALUES ($1, $2, 1)
                ON CONFLICT (owner_id, blob_id) DO UPDATE SET file_count = owner_blob.file_count + 1
                RETURNING file_count, (SELECT size_limit FROM owner WHERE id = $1),
                    (SELECT version_limit FROM owner WHERE id = $1)
                """,
                [.integer(owner), .integer(blob)]
            )
            guard let row else { throw SQLError(.conflict, "an owner's content was deleted concurrently") }
            // Content that the owner has in another file was counted with that one.
            if try row.integer(0) == 1 { change.size += size }
            limits.totalSize = try row.ownLimit(1)
            limits.versionCount = try row.ownLimit(2)
        }
        var sum = change
        sum += try count(room, connection)
        if isNew { sum += try notePublished(version: version.reservationKey(ofOwner: owner), connection) }
        let quotas = quotas.with(limits)
        try add(sum, owner: owner, in: UsageSlots(keeping: quotas), connection)
        for (scope, quota) in quotas.scopes(of: owner) where !quota.isUnlimited {
            var before = try usage(of: scope, connection)
            before.size -= change.size
            before.versionCount -= change.versionCount
            before.reservedVersionCount = 0
            // Whoever takes more than it has reserved must leave to others what they have.
            if change.size <= -room.change.reservedSize { before.reservedSize = 0 }
            let breach = before.breach(
                of: quota,
                in: scope,
                addingSize: change.size,
                versions: change.versionCount
            )
            if let breach { throw Rollback(breach) }
        }
    }

    /// Counts what files were deleted, given the blobs they had.
    static func release(
        _ blobs: [SQLRow],
        versions: Int64,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws {
        let counts = Dictionary(grouping: try blobs.map { try $0.integer(0) }) { $0 }.mapValues { Int64($0.count) }
        // In one order, so that two deletes of the same content never wait for each other.
        for (blob, count) in counts.sorted(by: { $0.key < $1.key }) {
            try connection.execute(
                """
                INSERT INTO owner_blob (owner_id, blob_id, file_count) VALUES ($1, $2, $3)
                ON CONFLICT (owner_id, blob_id) DO UPDATE SET file_count = owner_blob.file_count + excluded.file_count
                """,
                [.integer(owner), .integer(blob), .integer(-count)]
            )
        }
        try settle(UsageChange(versionCount: -versions, fileCount: -Int64(blobs.count)), owner: owner, connection)
    }

    /// Counts a delete, after the counts of the content's files were lowered.
    static func settle(_ change: UsageChange, owner: Int64, _ connection: any SQLConnection) throws {
        var change = change
        let freed = try connection.first(
            """
            SELECT COALESCE(SUM(blob.size), 0) FROM owner_blob JOIN blob ON blob.id = owner_blob.blob_id
            WHERE owner_blob.owner_id = $1 AND owner_blob.file_count <= 0
            """,
            [.integer(owner)]
        )
        change.size = -(try freed?.integer(0) ?? 0)
        try connection.execute("DELETE FROM owner_blob WHERE owner_id = $1 AND file_count <= 0", [.integer(owner)])
        try add(change, owner: owner, connection)
    }
}

extension Quotas {
    /// Whose usage each quota bounds, in the order in which transactions lock their rows.
    func scopes(of owner: Int64) -> [(scope: UsageScope, quota: Quota)] {
        [(.owner(owner), self.owner), (.total, total)]
    }
}

extension SQLRow {
    /// A limit of an owner's own.
    func ownLimit(_ column: Int) throws -> OwnLimit {
        guard let limit = OwnLimit(number: try optionalInteger(column)) else {
            throw SQLError(
                .unexpectedValue,
                "column \(column) of the result is not a limit: the database was modified manually"
            )
        }
        return limit
    }
}
