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
        try await writeUnlessRolledBack { connection in
            let now = try connection.now()
            let end = now.adding(Self.reservationLifetime)
            return try Self.reserve(wanted, until: end, keeping: quotas, now, connection)
        }
    }

    static func reserve(
        _ wanted: NewReservation,
        until end: Timestamp,
        keeping quotas: Quotas,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> ReservationOutcome {
        let quotas = quotas.with(try ownLimits(wanted.owner, connection))
        // Whoever reserves at the same moment waits here, and counts this reservation then.
        try add(UsageChange(), owner: wanted.owner, keeping: quotas, connection)
        let isKnown = try hasContent(wanted, connection)
        let size = isKnown ? 0 : wanted.size
        // A version that was published since the upload looked is joined.
        let isNew = try wanted.newVersion.map { try versionID($0, owner: wanted.owner, connection) == nil } ?? false
        let version = isNew ? wanted.newVersion?.reservationKey(ofOwner: wanted.owner) : nil
        var room = Int64.max
        for (scope, quota) in quotas.scopes(of: wanted.owner) where !quota.isUnlimited {
            let usage = try usage(of: scope, besides: version, now, connection)
            let breach = usage.breach(of: quota, in: scope, addingSize: size, versions: version == nil ? 0 : 1)
            if let breach { throw Rollback(ReservationOutcome.overQuota(breach)) }
            room = min(room, usage.room(below: quota.size))
        }
        try connection.execute(
            "INSERT INTO reservation (id, owner_id, size, new_version, expires_at) VALUES ($1, $2, $3, $4, $5)",
            [
                .text(wanted.id.text), .integer(wanted.owner), .integer(size ?? 0), .text(version), .time(end),
            ]
        )
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
        keeping quotas: Quotas
    ) async throws -> ReservationOutcome {
        try await writeUnlessRolledBack { connection in
            let now = try connection.now()
            let quotas = quotas.with(try Self.ownLimits(owner, connection))
            try Self.add(UsageChange(), owner: owner, keeping: quotas, connection)
            let own = try Self.reservedSize(id, now, connection)
            var room = Int64.max
            for (scope, quota) in quotas.scopes(of: owner) where quota.size != nil {
                var usage = try Self.usage(of: scope, besides: nil, now, connection)
                usage.reservedSize -= own
                if let breach = usage.breach(of: quota, in: scope, addingSize: size, versions: 0) {
                    throw Rollback(ReservationOutcome.overQuota(breach))
                }
                room = min(room, usage.room(below: quota.size))
            }
            let granted = min(room, size + max(Self.leastStep, size / 4))
            try connection.execute(
                "UPDATE reservation SET size = $2, expires_at = $3 WHERE id = $1",
                [.text(id.text), .integer(granted), .time(now.adding(Self.reservationLifetime))]
            )
            return .reserved(upTo: granted)
        }
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
        try await database.write { connection in
            _ = try connection.execute("DELETE FROM reservation WHERE id = $1", [.text(id.text)])
        }
    }

    /// Removes reservations whose uploads are gone.
    package func removeExpiredReservations() async throws {
        try await database.write { connection in
            _ = try connection.execute("DELETE FROM reservation WHERE expires_at <= $1", [.time(try connection.now())])
        }
    }

    /// Removes what uploads of earlier processes have set aside, where one process owns the database: none of them runs, but
    /// for those that can be resumed.
    package func removeForeignReservations() async throws {
        guard database.dialect == .sqlite else { return }
        try await database.write { connection in
            _ = try connection.execute("DELETE FROM reservation WHERE id NOT IN (SELECT id FROM upload)")
        }
    }

    /// Turns what an upload has set aside into what it publishes; returns how much that was.
    static func takeReservation(
        _ file: NewFile,
        isNewVersion: Bool,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        guard let id = file.reservation else { return 0 }
        // Before its reservation, as whoever writes to an upload locks them.
        if let upload = file.completing { try complete(upload, connection) }
        let taken = try connection.first(
            "DELETE FROM reservation WHERE id = $1 RETURNING size",
            [.text(id.text)]
        )
        if isNewVersion {
            // The version is there now: others that would have made it join it.
            try connection.execute(
                "UPDATE reservation SET new_version = NULL WHERE owner_id = $1 AND new_version = $2",
                [
                    .integer(file.owner),
                    .text(file.coordinate.versionCoordinate.reservationKey(ofOwner: file.owner)),
                ]
            )
        }
        return try taken?.integer(0) ?? 0
    }

    /// What uploads and drafts have set aside; a version that several of them would make counts once, and not at all when it
    /// is the one to be left out.
    static func reserved(
        in scope: UsageScope,
        besides version: String?,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (size: Int64, versionCount: Int64) {
        let row =
            switch scope {
            case .owner(let id):
                try connection.first(
                    """
                    SELECT COALESCE(SUM(size), 0), COUNT(DISTINCT CASE WHEN new_version <> $2 THEN new_version END)
                    FROM room_set_aside WHERE owner_id = $3 AND expires_at > $1
                    """,
                    [.time(now), .text(version ?? ""), .integer(id)]
                )
            case .total:
                try connection.first(
                    """
                    SELECT COALESCE(SUM(size), 0), COUNT(DISTINCT CASE WHEN new_version <> $2 THEN new_version END)
                    FROM room_set_aside WHERE expires_at > $1
                    """,
                    [.time(now), .text(version ?? "")]
                )
            }
        return (try row?.integer(0) ?? 0, try row?.integer(1) ?? 0)
    }

    private static func reservedSize(
        _ id: UploadID,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        try connection.first(
            "SELECT size FROM reservation WHERE id = $1 AND expires_at > $2",
            [.text(id.text), .time(now)]
        )?.integer(0) ?? 0
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
