// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var usage: UsageRows { UsageRows(tx: self) }
}

/// The table of usage, several rows for each owner and for the total, and that of each owner's files by blob.
struct UsageRows {
    let tx: Transaction

    private static let sums: SQL = """
        COALESCE(SUM(size), 0), COALESCE(SUM(version_count), 0), COALESCE(SUM(file_count), 0),
        COALESCE(SUM(reserved_size), 0), COALESCE(SUM(reserved_version_count), 0), COALESCE(SUM(upload_count), 0),
        COALESCE(SUM(draft_count), 0)
        """
    private static let insert: SQL = "INSERT INTO usage (owner_id, slot, \(UsageChange.columns))"
    private static let update: SQL = """
        ON CONFLICT (owner_id, slot) DO UPDATE SET
            size = usage.size + excluded.size,
            version_count = usage.version_count + excluded.version_count,
            file_count = usage.file_count + excluded.file_count,
            reserved_size = usage.reserved_size + excluded.reserved_size,
            reserved_version_count = usage.reserved_version_count + excluded.reserved_version_count,
            upload_count = usage.upload_count + excluded.upload_count,
            draft_count = usage.draft_count + excluded.draft_count
        """
    private static let addToOne: SQL = "\(insert) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \(update)"
    // The owner's row comes first in every transaction.
    private static let addToBoth: SQL = """
        \(insert) VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $10), (0, $3, $4, $5, $6, $7, $8, $9, $10) \(update)
        """

    /// Returns what is published and what is reserved, which may have expired and not been swept yet.
    func sum(of scope: UsageScope) throws -> Usage {
        let sum: UsageChange? = try tx.first(
            "SELECT \(Self.sums) FROM usage WHERE owner_id = $1",
            [.integer(scope.number)]
        )
        return Usage(sum ?? UsageChange())
    }

    /// Counts a change for an owner and for the total.
    ///
    /// Until this transaction ends, others that must keep a quota wait before they read the sums.
    func add(_ change: UsageChange, owner: Int64, in slots: UsageSlots = UsageSlots()) throws {
        let rows: [SQLValue] = [.integer(owner), .integer(slots.owner), .integer(slots.total)]
        try tx.execute(Self.addToBoth, rows + change.values)
    }

    /// Counts changes of several owners: all of theirs before the total, as every transaction locks them.
    func add(_ changes: [Int64: UsageChange]) throws {
        let slots = UsageSlots()
        var total = UsageChange()
        for (owner, change) in changes.sorted(by: { $0.key < $1.key }) {
            try add(change, of: .owner(owner), slot: slots.owner)
            total += change
        }
        if !changes.isEmpty { try add(total, of: .total, slot: slots.total) }
    }

    /// Adds a change to one row; that of the slot for quotas corrects a sum.
    func add(_ change: UsageChange, of scope: UsageScope, slot: Int64 = UsageSlots.ordering) throws {
        try tx.execute(Self.addToOne, [.integer(scope.number), .integer(slot)] + change.values)
    }

    /// Counts freed room of several owners.
    func add(_ freed: [Int64: FreedRoom]) throws {
        var changes = freed.mapValues(\.change)
        // A key begins with the owner's number, but the keys are not in the order of the numbers.
        let versions = freed.flatMap { owner, room in room.versions.map { (owner, version: $0) } }
        for (owner, version) in versions.sorted(by: { $0.version < $1.version }) {
            changes[owner, default: UsageChange()] += try tx.reservedVersions.release(version)
        }
        try add(changes)
    }

    /// Counts new files of one version by their contents, in the order of the blobs; rolls back if a quota has no room for them.
    ///
    /// `room` is what was reserved for them.
    func charge(
        _ contents: [(blob: Int64, sizeInBytes: Int64)],
        of version: VersionCoordinate,
        isNew: Bool,
        owner: Int64,
        freeing room: FreedRoom,
        keeping quotas: Quotas
    ) throws {
        var change = UsageChange(versionCount: isNew ? 1 : 0, fileCount: Int64(contents.count))
        var limits = OwnerLimits()
        for (blob, size) in contents {
            let counted = try countFile(of: blob, owner: owner)
            limits = counted.limits
            // Content that the owner has in another file was counted with that one.
            if counted.files == 1 { change.size += size }
        }
        var sum = change
        sum += try tx.reservedVersions.release(room)
        if isNew { sum += try tx.reservedVersions.notePublished(version.reservationKey(ofOwner: owner)) }
        let quotas = quotas.with(limits)
        try add(sum, owner: owner, in: UsageSlots(keeping: quotas))
        for (scope, quota) in quotas.scopes(of: owner) where !quota.isUnlimited {
            var before = try self.sum(of: scope)
            before.size -= change.size
            before.versionCount -= change.versionCount
            before.reservedVersionCount = 0
            // A publisher that takes more than it has reserved must leave to others what they have.
            if change.size <= -room.change.reservedSize { before.reservedSize = 0 }
            let breach = before.breach(of: quota, in: scope, addingSize: change.size, versions: change.versionCount)
            if let breach { throw Rollback(breach) }
        }
    }

    private static let countFile: SQL = """
        INSERT INTO owner_blob (owner_id, blob_id, file_count) VALUES ($1, $2, 1)
        ON CONFLICT (owner_id, blob_id) DO UPDATE SET file_count = owner_blob.file_count + 1
        RETURNING file_count, (SELECT file_size_limit FROM owner WHERE id = $1),
            (SELECT size_limit FROM owner WHERE id = $1), (SELECT version_limit FROM owner WHERE id = $1)
        """

    /// Counts one more file of an owner with some content; returns the new count and, saving a statement, the owner's limits.
    private func countFile(of blob: Int64, owner: Int64) throws -> (files: Int64, limits: OwnerLimits) {
        let counted = try tx.first(Self.countFile, [.integer(owner), .integer(blob)]) { row in
            (files: try row.integer(), limits: try OwnerLimits(reading: &row))
        }
        guard let counted else { throw SQLError(.conflict, "an owner's content was deleted concurrently") }
        return counted
    }

    /// Counts a file that was put into a draft; rolls back if there is no room for it or the owner has too many drafts.
    func countDraft(_ change: UsageChange, for file: NewFile, limit: Int64?) throws {
        let quotas = file.quotas.with(try tx.owners.limits(of: file.owner))
        let isOneMore = change.draftCount > 0 && limit != nil
        // From here on, others who want room wait, and count this draft then.
        try add(change, owner: file.owner, in: UsageSlots(keeping: quotas, isOwnerBounded: isOneMore))
        if isOneMore, let limit, try sum(of: .owner(file.owner)).draftCount > limit {
            throw Rollback(RecordOutcome.tooManyDrafts(limit: limit))
        }
        for (scope, quota) in quotas.scopes(of: file.owner) where !quota.isUnlimited {
            var before = try sum(of: scope)
            let (size, versions) = (max(0, change.reservedSize), max(0, change.reservedVersionCount))
            before.reservedSize -= size
            before.reservedVersionCount -= versions
            let breach = before.breach(of: quota, in: scope, addingSize: size, versions: versions)
            if let breach { throw Rollback(RecordOutcome.overQuota(breach)) }
        }
    }

    /// Counts deleted files by the blobs that they had.
    func discount(_ blobs: [Int64], versions: Int64, owner: Int64) throws {
        let counts = Dictionary(grouping: blobs) { $0 }.mapValues { Int64($0.count) }
        // In one order, so that two deletes of the same content never wait for each other in a circle.
        for (blob, count) in counts.sorted(by: { $0.key < $1.key }) {
            try tx.execute(
                """
                INSERT INTO owner_blob (owner_id, blob_id, file_count) VALUES ($1, $2, $3)
                ON CONFLICT (owner_id, blob_id) DO UPDATE SET file_count = owner_blob.file_count + excluded.file_count
                """,
                [.integer(owner), .integer(blob), .integer(-count)]
            )
        }
        try settle(UsageChange(versionCount: -versions, fileCount: -Int64(blobs.count)), owner: owner)
    }

    /// Counts a delete, after the file counts of its contents were lowered.
    func settle(_ change: UsageChange, owner: Int64) throws {
        var change = change
        let freed = try tx.integer(
            """
            SELECT COALESCE(SUM(blob.size), 0) FROM owner_blob JOIN blob ON blob.id = owner_blob.blob_id
            WHERE owner_blob.owner_id = $1 AND owner_blob.file_count <= 0
            """,
            [.integer(owner)]
        )
        change.size = -(freed ?? 0)
        try tx.execute("DELETE FROM owner_blob WHERE owner_id = $1 AND file_count <= 0", [.integer(owner)])
        try add(change, owner: owner)
    }
}

extension Usage {
    fileprivate init(_ sum: UsageChange) {
        self.init()
        size = sum.size
        versionCount = sum.versionCount
        fileCount = sum.fileCount
        reservedSize = sum.reservedSize
        reservedVersionCount = sum.reservedVersionCount
        uploadCount = sum.uploadCount
        draftCount = sum.draftCount
    }
}
