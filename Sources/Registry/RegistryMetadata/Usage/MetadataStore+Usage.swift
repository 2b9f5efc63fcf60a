// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// What a transaction adds to a usage.
struct UsageChange {
    var size: Int64 = 0
    var versionCount: Int64 = 0
    var fileCount: Int64 = 0
}

extension MetadataStore {
    /// The slot whose row orders the transactions that have to keep a quota.
    private static let orderingSlot: Int64 = 0
    /// The others; one is taken at random, so that publishers of one owner need not wait for each other's commits.
    private static let freeSlots: ClosedRange<Int64> = 1...32

    /// How much an owner, or all owners together, have.
    package func usage(of scope: UsageScope) async throws -> Usage {
        try await database.read { connection in
            try Self.usage(of: scope, besides: nil, try connection.now(), connection)
        }
    }

    /// What is published and what is reserved, but for the version of a key.
    static func usage(
        of scope: UsageScope,
        besides version: String?,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Usage {
        var usage = try used(by: scope, connection)
        let reserved = try reserved(in: scope, besides: version, now, connection)
        (usage.reservedSize, usage.reservedVersionCount) = reserved
        return usage
    }

    /// What is published, without what is reserved.
    static func used(by scope: UsageScope, _ connection: any SQLConnection) throws -> Usage {
        var usage = Usage()
        let row = try connection.first(
            """
            SELECT COALESCE(SUM(size), 0), COALESCE(SUM(version_count), 0), COALESCE(SUM(file_count), 0)
            FROM usage WHERE owner_id = $1
            """,
            [.integer(scope.number)]
        )
        guard let row else { return usage }
        usage.size = try row.integer(0)
        usage.versionCount = try row.integer(1)
        usage.fileCount = try row.integer(2)
        return usage
    }

    /// Counts a change for an owner and for all, and lets whoever has to keep a quota wait for others who do: until this
    /// transaction ends, they do not look at the sums.
    static func add(
        _ change: UsageChange,
        owner: Int64,
        keeping quotas: Quotas = Quotas(),
        _ connection: any SQLConnection
    ) throws {
        // The owner's row comes first in every transaction.
        try connection.execute(
            """
            INSERT INTO usage (owner_id, slot, size, version_count, file_count)
            VALUES ($1, $2, $3, $4, $5), (0, $6, $3, $4, $5)
            ON CONFLICT (owner_id, slot) DO UPDATE SET
                size = usage.size + excluded.size,
                version_count = usage.version_count + excluded.version_count,
                file_count = usage.file_count + excluded.file_count
            """,
            [
                .integer(owner), .integer(slot(keeping: quotas.owner)), .integer(change.size),
                .integer(change.versionCount), .integer(change.fileCount), .integer(slot(keeping: quotas.total)),
            ]
        )
    }

    private static func slot(keeping quota: Quota) -> Int64 {
        quota.isUnlimited ? .random(in: freeSlots) : orderingSlot
    }

    /// Counts a new file, and rolls back when a quota has no room for it.
    static func charge(
        _ file: NewFile,
        _ blob: Int64,
        isNewVersion: Bool,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let row = try connection.first(
            """
            INSERT INTO owner_blob (owner_id, blob_id, file_count) VALUES ($1, $2, 1)
            ON CONFLICT (owner_id, blob_id) DO UPDATE SET file_count = owner_blob.file_count + 1
            RETURNING file_count, (SELECT size_limit FROM owner WHERE id = $1),
                (SELECT version_limit FROM owner WHERE id = $1)
            """,
            [.integer(file.owner), .integer(blob)]
        )
        guard let row else { throw SQLError(.conflict, "an owner's content was deleted at the same moment") }
        var limits = OwnerLimits()
        limits.totalSize = try row.ownLimit(1)
        limits.versionCount = try row.ownLimit(2)
        let quotas = file.quotas.with(limits)
        // Content that the owner has in another file was counted with that one.
        let change = UsageChange(
            size: try row.integer(0) == 1 ? file.sizeInBytes : 0,
            versionCount: isNewVersion ? 1 : 0,
            fileCount: 1
        )
        try add(change, owner: file.owner, keeping: quotas, connection)
        let reserved = try takeReservation(file, isNewVersion: isNewVersion, connection)
        for (scope, quota) in quotas.scopes(of: file.owner) where !quota.isUnlimited {
            var before = try used(by: scope, connection)
            before.size -= change.size
            before.versionCount -= change.versionCount
            // Whoever takes more than it has reserved must leave to others what they have.
            if change.size > reserved {
                before.reservedSize = try self.reserved(in: scope, besides: nil, now, connection).size
            }
            let breach = before.breach(
                of: quota,
                in: scope,
                addingSize: change.size,
                versions: change.versionCount
            )
            if let breach { throw Rollback(RecordOutcome.overQuota(breach)) }
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
                "column \(column) of the result is not a limit: the database was changed by hand"
            )
        }
        return limit
    }
}
