// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var reservations: ReservationRows { ReservationRows(tx: self) }
}

/// The table of the room that uploads in progress have reserved.
struct ReservationRows {
    /// The size that an upload of unknown size may have before it reserves anything.
    private static let leastStep: Int64 = 1 << 20

    let tx: Transaction

    /// Reserves room; `bound` is the number of uploads of several requests that its owner may have, if it is for one of those.
    ///
    /// The cost does not depend on what else is reserved.
    func reserve(
        _ wanted: NewReservation,
        until end: Timestamp,
        keeping quotas: Quotas,
        bound: UploadBound? = nil
    ) throws -> ReservationOutcome {
        let quotas = quotas.with(try tx.owners.limits(of: wanted.owner))
        let size = try hasContent(wanted) ? 0 : wanted.size
        // A version that was published since the upload looked is joined.
        let isNew = try wanted.newVersion.map { try tx.versions.id(of: $0, owner: wanted.owner) == nil } ?? false
        let version = isNew ? wanted.newVersion?.reservationKey(ofOwner: wanted.owner) : nil
        try tx.execute(
            "INSERT INTO reservation (id, owner_id, size, new_version, expires_at) VALUES ($1, $2, $3, $4, $5)",
            [.text(wanted.id.text), .integer(wanted.owner), .integer(size ?? 0), .text(version), .time(end)]
        )
        var change = UsageChange(reservedSize: size ?? 0, uploadCount: bound == nil ? 0 : 1)
        if let version, try tx.reservedVersions.hold(version, ofOwner: wanted.owner) { change.reservedVersionCount = 1 }
        // Concurrent reservations wait here, and count this one then.
        try tx.usage.add(
            change,
            owner: wanted.owner,
            in: UsageSlots(keeping: quotas, isOwnerBounded: bound?.limit != nil)
        )
        if let limit = bound?.limit, try tx.usage.sum(of: .owner(wanted.owner)).uploadCount > limit {
            throw Rollback(ReservationOutcome.tooManyUploads(limit: limit))
        }
        var room = Int64.max
        for (scope, quota) in quotas.scopes(of: wanted.owner) where !quota.isUnlimited {
            var before = try tx.usage.sum(of: scope)
            before.reservedSize -= change.reservedSize
            before.reservedVersionCount -= change.reservedVersionCount
            let breach = before.breach(
                of: quota,
                in: scope,
                addingSize: size,
                versions: change.reservedVersionCount
            )
            if let breach { throw Rollback(ReservationOutcome.overQuota(breach)) }
            room = min(room, before.room(below: quota.size))
        }
        // If nothing bounds the size, an upload need not ask again.
        let first = room == .max ? room : min(room, Self.leastStep)
        return .reserved(upTo: wanted.size ?? first)
    }

    /// Reserves what an upload needs now, and as much of `ahead` as there is room for.
    func resize(
        _ id: UploadID,
        owner: Int64,
        to size: Int64,
        ahead: Int64 = 0,
        until end: Timestamp,
        keeping quotas: Quotas
    ) throws -> ReservationOutcome {
        let quotas = quotas.with(try tx.owners.limits(of: owner))
        let own = try tx.integer(
            "UPDATE reservation SET expires_at = $2 WHERE id = $1 RETURNING size",
            [.text(id.text), .time(end)]
        )
        let slots = UsageSlots(keeping: quotas)
        try tx.usage.add(UsageChange(), owner: owner, in: slots)
        var room = Int64.max
        for (scope, quota) in quotas.scopes(of: owner) where quota.size != nil {
            var usage = try tx.usage.sum(of: scope)
            usage.reservedSize -= own ?? 0
            if let breach = usage.breach(of: quota, in: scope, addingSize: size, versions: 0) {
                throw Rollback(ReservationOutcome.overQuota(breach))
            }
            room = min(room, usage.room(below: quota.size))
        }
        let granted = min(room, size + ahead)
        // An expired one no longer exists: then the publish decides.
        guard let own else { return .reserved(upTo: granted) }
        try tx.execute("UPDATE reservation SET size = $2 WHERE id = $1", [.text(id.text), .integer(granted)])
        try tx.usage.add(UsageChange(reservedSize: granted - own), owner: owner, in: slots)
        return .reserved(upTo: granted)
    }

    /// Reserves more room for an upload of unknown size, and some ahead, so that it need not ask for every piece.
    func enlarge(
        _ id: UploadID,
        owner: Int64,
        to size: Int64,
        until end: Timestamp,
        keeping quotas: Quotas
    ) throws -> ReservationOutcome {
        try resize(
            id,
            owner: owner,
            to: size,
            ahead: max(Self.leastStep, size / 4),
            until: end,
            keeping: quotas
        )
    }

    /// Defers the expiry of a reservation.
    func prolong(_ id: UploadID, until end: Timestamp) throws {
        try tx.execute("UPDATE reservation SET expires_at = $2 WHERE id = $1", [.text(id.text), .time(end)])
    }

    /// Deletes a reservation and returns the room that it frees; nil if there is none.
    func release(_ id: String) throws -> (owner: Int64, room: FreedRoom)? {
        try tx.first("DELETE FROM reservation WHERE id = $1 RETURNING owner_id, size, new_version", [.text(id)]) {
            row in
            let owner = try row.integer()
            let change = UsageChange(reservedSize: -(try row.integer()))
            return (owner, FreedRoom(change: change, versions: try row.optionalText().map { [$0] } ?? []))
        }
    }

    /// Ends what an upload has reserved, for the file that takes its place; returns the room that it frees.
    func take(for file: NewFile) throws -> FreedRoom {
        guard let id = file.reservation else { return FreedRoom() }
        var room = FreedRoom()
        if let upload = file.completing { room.change += try tx.uploads.complete(upload) }
        if let released = try release(id.text) { room += released.room }
        return room
    }

    /// Returns whether the owner already has the content that an upload announces by its size and its digest.
    private func hasContent(_ wanted: NewReservation) throws -> Bool {
        guard let size = wanted.size, let sha256 = wanted.sha256 else { return false }
        return try tx.exists(
            """
            SELECT 1 FROM blob JOIN owner_blob ON owner_blob.blob_id = blob.id
            WHERE blob.sha256 = $1 AND blob.size = $2 AND owner_blob.owner_id = $3
            """,
            [.digest(sha256), .integer(size), .integer(wanted.owner)]
        )
    }
}
