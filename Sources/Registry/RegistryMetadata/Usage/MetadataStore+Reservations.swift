// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

extension MetadataStore {
    /// How long a reservation lasts that nobody prolongs: what a node that died had reserved is free after that.
    package static let reservationLifetime = Duration.seconds(60)

    /// What an upload of unknown size may take before it reserves anything.
    private static let leastStep: Int64 = 1 << 20

    /// Sets room aside, when the quotas have it beside what is there and what others have set aside.
    package func reserve(_ wanted: NewReservation, keeping quotas: Quotas) async throws -> ReservationOutcome {
        try await sweepingWhenFull(\.isFull) {
            try await writeUnlessRolledBack { connection in
                let end = try connection.now().adding(Self.reservationLifetime)
                return try Self.reserve(wanted, until: end, keeping: quotas, connection)
            }
        }
    }

    /// Sets room aside; `bound` is how many uploads of several requests its owner may have, when it is for one of those.
    ///
    /// What it costs does not depend on what else is set aside.
    static func reserve(
        _ wanted: NewReservation,
        until end: Timestamp,
        keeping quotas: Quotas,
        bound: UploadBound? = nil,
        _ connection: any SQLConnection
    ) throws -> ReservationOutcome {
        let quotas = quotas.with(try ownLimits(wanted.owner, connection))
        let isKnown = try hasContent(wanted, connection)
        let size = isKnown ? 0 : wanted.size
        // A version that was published since the upload looked is joined.
        let isNew = try wanted.newVersion.map { try versionID($0, owner: wanted.owner, connection) == nil } ?? false
        let version = isNew ? wanted.newVersion?.reservationKey(ofOwner: wanted.owner) : nil
        try connection.execute(
            "INSERT INTO reservation (id, owner_id, size, new_version, expires_at) VALUES ($1, $2, $3, $4, $5)",
            [
                .text(wanted.id.text), .integer(wanted.owner), .integer(size ?? 0), .text(version), .time(end),
            ]
        )
        var change = UsageChange(reservedSize: size ?? 0, uploadCount: bound == nil ? 0 : 1)
        if let version, try hold(version, ofOwner: wanted.owner, connection) { change.reservedVersionCount = 1 }
        let slots = UsageSlots(keeping: quotas, isOwnerBounded: bound?.limit != nil)
        // Whoever reserves at the same moment waits here, and counts this reservation then.
        try add(change, owner: wanted.owner, in: slots, connection)
        if let limit = bound?.limit {
            let count = try usage(of: .owner(wanted.owner), connection).uploadCount
            guard count <= limit else { throw Rollback(ReservationOutcome.tooManyUploads(limit: limit)) }
        }
        var room = Int64.max
        for (scope, quota) in quotas.scopes(of: wanted.owner) where !quota.isUnlimited {
            var before = try usage(of: scope, connection)
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
        // Where nothing bounds the size, an upload need not ask again.
        let first = room == .max ? room : min(room, leastStep)
        return .reserved(upTo: wanted.size ?? first)
    }

    /// Sets more room aside for an upload of unknown size, which has come to a size; some more than that, so that it need
    /// not ask for every piece.
    package func enlarge(
        _ id: UploadID,
        owner: Int64,
        to size: Int64,
        lifetime: Duration = reservationLifetime,
        keeping quotas: Quotas
    ) async throws -> ReservationOutcome {
        try await sweepingWhenFull(\.isFull) {
            try await writeUnlessRolledBack { connection in
                try Self.resize(
                    id,
                    owner: owner,
                    to: size,
                    ahead: max(Self.leastStep, size / 4),
                    until: try connection.now().adding(lifetime),
                    keeping: quotas,
                    connection
                )
            }
        }
    }

    /// Sets aside what an upload needs now, and what it will need soon as far as there is room.
    static func resize(
        _ id: UploadID,
        owner: Int64,
        to size: Int64,
        ahead: Int64 = 0,
        until end: Timestamp,
        keeping quotas: Quotas,
        _ connection: any SQLConnection
    ) throws -> ReservationOutcome {
        let quotas = quotas.with(try ownLimits(owner, connection))
        // Lock the reservation first, in the same order as a release does.
        let own = try connection.first(
            "UPDATE reservation SET expires_at = $2 WHERE id = $1 RETURNING size",
            [.text(id.text), .time(end)]
        ).map { try $0.integer(0) }
        let slots = UsageSlots(keeping: quotas)
        try add(UsageChange(), owner: owner, in: slots, connection)
        var room = Int64.max
        for (scope, quota) in quotas.scopes(of: owner) where quota.size != nil {
            var usage = try usage(of: scope, connection)
            usage.reservedSize -= own ?? 0
            if let breach = usage.breach(of: quota, in: scope, addingSize: size, versions: 0) {
                throw Rollback(ReservationOutcome.overQuota(breach))
            }
            room = min(room, usage.room(below: quota.size))
        }
        let granted = min(room, size + ahead)
        // One that ran out is not there any more: then the publish decides.
        guard let own else { return .reserved(upTo: granted) }
        try connection.execute(
            "UPDATE reservation SET size = $2 WHERE id = $1",
            [.text(id.text), .integer(granted)]
        )
        try add(UsageChange(reservedSize: granted - own), owner: owner, in: slots, connection)
        return .reserved(upTo: granted)
    }

    /// Lets a reservation last longer.
    package func prolong(_ id: UploadID) async throws {
        try await database.write { connection in
            let end = try connection.now().adding(Self.reservationLifetime)
            _ = try connection.execute(
                "UPDATE reservation SET expires_at = $2 WHERE id = $1",
                [.text(id.text), .time(end)]
            )
        }
    }

    /// Gives back what an upload has set aside.
    package func releaseReservation(_ id: UploadID) async throws {
        try await writeRetrying { connection in
            guard let released = try Self.release(id.text, connection) else { return }
            try Self.add(Self.count(released.room, connection), owner: released.owner, connection)
        }
    }

    /// Removes what uploads of earlier processes have set aside, where one process owns the database: none of them runs, but
    /// for those that can be resumed.
    package func removeForeignReservations() async throws {
        guard database.dialect == .sqlite else { return }
        try await removeReservations {
            try $0.query("SELECT id, owner_id FROM reservation WHERE id NOT IN (SELECT id FROM upload)")
        }
    }

    /// Deletes one reservation, and returns the room that it frees; nil when it is not there.
    static func release(
        _ id: String,
        _ connection: any SQLConnection
    ) throws -> (owner: Int64, room: FreedRoom)? {
        let row = try connection.first(
            "DELETE FROM reservation WHERE id = $1 RETURNING owner_id, size, new_version",
            [.text(id)]
        )
        guard let row else { return nil }
        let size = UsageChange(reservedSize: -(try row.integer(1)))
        return (try row.integer(0), FreedRoom(change: size, versions: try row.optionalText(2).map { [$0] } ?? []))
    }

    /// Ends what an upload has set aside, for the file that takes its place; returns the room that it frees.
    static func takeReservation(_ file: NewFile, _ connection: any SQLConnection) throws -> FreedRoom {
        guard let id = file.reservation else { return FreedRoom() }
        var room = FreedRoom()
        // Before its reservation, as whoever writes to an upload locks them.
        if let upload = file.completing { room.change += try complete(upload, connection) }
        if let released = try release(id.text, connection) { room += released.room }
        return room
    }

    /// Whether the owner has the content already that an upload announces by its size and its digest.
    private static func hasContent(_ wanted: NewReservation, _ connection: any SQLConnection) throws -> Bool {
        guard let size = wanted.size, let sha256 = wanted.sha256 else { return false }
        let found = try connection.first(
            """
            SELECT 1 FROM blob JOIN owner_blob ON owner_blob.blob_id = blob.id
            WHERE blob.sha256 = $1 AND blob.size = $2 AND owner_blob.owner_id = $3
            """,
            [.digest(sha256), .integer(size), .integer(wanted.owner)]
        )
        return found != nil
    }
}
