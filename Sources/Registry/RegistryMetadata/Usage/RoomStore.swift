// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// The room that owners use and that uploads and drafts reserve, and its expiry.
package struct RoomStore: Sendable {
    /// The lifetime of a reservation that is not prolonged: what a node that died had reserved is free after that.
    package static let reservationLifetime = Duration.seconds(60)
    /// The number of expired items of each kind that are swept for a publisher who waits.
    fileprivate static let sweepLimit = 1000

    let database: MetadataDatabase

    /// Returns the usage of an owner or of all, with only those reservations that have not expired.
    package func usage(of scope: UsageScope) async throws -> Usage {
        try await database.read { tx in
            var usage = try tx.usage.sum(of: scope)
            let arguments: [SQLValue] = [.time(try tx.now), .integer(scope.number)]
            let reserved = try tx.first(
                """
                SELECT COALESCE(SUM(room_set_aside.size), 0), COUNT(DISTINCT reserved_version.version)
                FROM room_set_aside LEFT JOIN reserved_version
                    ON reserved_version.version = room_set_aside.new_version AND reserved_version.is_counted = 1
                WHERE room_set_aside.expires_at > $1 AND \(scope == .total ? "$2 = 0" : "room_set_aside.owner_id = $2")
                """,
                arguments
            ) { row in (size: try row.integer(), versionCount: try row.integer()) }
            usage.reservedSize = reserved?.size ?? 0
            usage.reservedVersionCount = reserved?.versionCount ?? 0
            return usage
        }
    }

    /// Reserves room if the quotas have it besides what is used and what others have reserved.
    package func reserve(_ wanted: NewReservation, keeping quotas: Quotas) async throws -> ReservationOutcome {
        try await database.sweepingWhenFull(\.isFull) {
            try await database.write { tx in
                try tx.owners.keep(wanted.owner)
                let end = try tx.now.adding(Self.reservationLifetime)
                return try tx.reservations.reserve(wanted, until: end, keeping: quotas)
            }
        }
    }

    /// Reserves more room for an upload of unknown size that has reached a size.
    package func enlarge(
        _ id: UploadID,
        owner: Int64,
        to size: Int64,
        lifetime: Duration = reservationLifetime,
        keeping quotas: Quotas
    ) async throws -> ReservationOutcome {
        try await database.sweepingWhenFull(\.isFull) {
            try await database.write { tx in
                let end = try tx.now.adding(lifetime)
                return try tx.reservations.enlarge(id, owner: owner, to: size, until: end, keeping: quotas)
            }
        }
    }

    /// Defers the expiry of a reservation.
    package func prolong(_ id: UploadID) async throws {
        try await database.write { tx in
            try tx.reservations.prolong(id, until: try tx.now.adding(Self.reservationLifetime))
        }
    }

    /// Gives back what an upload has reserved.
    package func releaseReservation(_ id: UploadID) async throws {
        try await database.write { tx in
            guard let released = try tx.reservations.release(id.text) else { return }
            try tx.usage.add(tx.reservedVersions.release(released.room), owner: released.owner)
        }
    }

    // Expiry: what has expired counts until it is swept, by the housekeeping or by a publisher who finds no room.

    /// Removes the reservations of earlier processes if one process owns the database, except those of resumable uploads.
    package func removeForeignReservations() async throws {
        guard database.dialect == .sqlite else { return }
        try await removeReservations { tx in
            try tx.all("SELECT id, owner_id FROM reservation WHERE id NOT IN (SELECT id FROM upload)") {
                (id: try $0.text(), owner: try $0.integer())
            }
        }
    }

    /// Removes expired reservations; returns their number.
    @discardableResult
    package func removeExpiredReservations() async throws -> Int {
        try await removeReservations { tx in
            try tx.all(
                "SELECT id, owner_id FROM reservation WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
                [.time(try tx.expired.through), .integer(Int64(Self.sweepLimit))]
            ) { (id: try $0.text(), owner: try $0.integer()) }
        }
    }

    /// Removes reservations of one owner after another, so that no transaction holds what two owners wait for.
    @discardableResult
    private func removeReservations(
        _ find: @escaping @Sendable (Transaction) throws -> [(id: String, owner: Int64)]
    ) async throws -> Int {
        let found = try await database.read { try find($0) }
        for (owner, rows) in Dictionary(grouping: found, by: \.owner) {
            let ids = rows.map(\.id).sorted()
            try await database.write { tx in
                var room = FreedRoom()
                for id in ids {
                    if let released = try tx.reservations.release(id) { room += released.room }
                }
                try tx.usage.add(tx.reservedVersions.release(room), owner: owner)
            }
        }
        return found.count
    }

    /// Drops some of the expired uploads; returns their number.
    package func dropExpiredUploads(limit: Int) async throws -> Int {
        try await database.write { tx in
            let time = try tx.expired
            let expired = try tx.all(
                "SELECT id FROM upload WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at LIMIT $3",
                [.time(time.after), .time(time.through), .integer(Int64(limit))]
            ) { try $0.text() }
            var freed: [Int64: FreedRoom] = [:]
            for upload in expired.sorted() {
                guard let dropped = try tx.uploads.drop(upload) else { continue }
                freed[dropped.owner, default: FreedRoom()] += dropped.room
            }
            try tx.usage.add(freed)
            return expired.count
        }
    }

    /// Drops some of the expired drafts; returns their number.
    package func dropExpiredDrafts(limit: Int) async throws -> Int {
        try await database.write { tx in
            let time = try tx.expired
            let expired = try tx.all(
                "SELECT id FROM draft WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at LIMIT $3",
                [.time(time.after), .time(time.through), .integer(Int64(limit))]
            ) { try $0.integer() }
            var freed: [Int64: FreedRoom] = [:]
            for draft in expired.sorted() {
                guard let deleted = try tx.drafts.delete(draft) else { continue }
                freed[deleted.owner, default: FreedRoom()] += deleted.room
            }
            try tx.usage.add(freed)
            return expired.count
        }
    }
}

extension MetadataDatabase {
    /// Retries an operation that found no room, if sweeping what has expired frees some.
    func sweepingWhenFull<Outcome>(
        _ isFull: (Outcome) -> Bool,
        _ body: () async throws -> Outcome
    ) async throws -> Outcome {
        let outcome = try await body()
        guard isFull(outcome) else { return outcome }
        let room = RoomStore(database: self)
        let swept =
            try await room.removeExpiredReservations() + room.dropExpiredUploads(limit: RoomStore.sweepLimit)
            + room.dropExpiredDrafts(limit: RoomStore.sweepLimit)
        return swept > 0 ? try await body() : outcome
    }
}
