// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

extension MetadataStore {
    /// Begins an upload, and sets its room aside for as long as it is there.
    package func beginUpload(
        _ new: NewUpload,
        lifetime: Duration,
        keeping quotas: Quotas,
        limit: Int64? = nil
    ) async throws -> ReservationOutcome {
        try await sweepingWhenFull(\.isFull) {
            try await writeUnlessRolledBack { connection in
                try Self.begin(new, lifetime: lifetime, keeping: quotas, limit: limit, connection)
            }
        }
    }

    private static func begin(
        _ new: NewUpload,
        lifetime: Duration,
        keeping quotas: Quotas,
        limit: Int64?,
        _ connection: any SQLConnection
    ) throws -> ReservationOutcome {
        let now = try connection.now()
        let end = now.adding(lifetime)
        let room = NewReservation(
            id: new.id,
            owner: new.owner,
            size: new.sizeInBytes,
            sha256: new.digests.digests[.sha256],
            newVersion: new.newVersion
        )
        try connection.execute(
            """
            INSERT INTO upload (
                id, owner_id, package, version, file, is_draft, digests, size, received, part_count, writer,
                is_complete, created_at, expires_at, is_size_known
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, '', 0, $9, $10, $11)
            """,
            [
                .text(new.id.text), .integer(new.owner), .text(new.file.package.text),
                .text(new.file.version.text), .text(new.file.file.text), .flag(new.isDraft),
                .text(DigestFields.structured(new.digests.sorted)), .integer(new.sizeInBytes ?? 0), .time(now),
                .time(end), .flag(new.sizeInBytes != nil),
            ]
        )
        return try reserve(room, until: end, keeping: quotas, bound: UploadBound(limit: limit), connection)
    }

    /// An upload; nil when there is none, or not any more.
    package func upload(_ id: UploadID) async throws -> StoredUpload? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT upload.id, owner.name, upload.package, upload.version, upload.file, upload.is_draft,
                    upload.digests, upload.size, upload.received, upload.part_count, upload.is_complete,
                    upload.created_at, upload.expires_at, upload.is_size_known
                FROM upload JOIN owner ON owner.id = upload.owner_id
                WHERE upload.id = $1 AND upload.expires_at > $2
                """,
                [.text(id.text), .time(try expired(connection).through)]
            ).map(StoredUpload.init(row:))
        }
    }

    /// Some of an owner's uploads in the order of their identifiers, behind one.
    package func uploads(owner: Int64, after id: UploadID?, limit: Int) async throws -> [StoredUpload] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT upload.id, owner.name, upload.package, upload.version, upload.file, upload.is_draft,
                    upload.digests, upload.size, upload.received, upload.part_count, upload.is_complete,
                    upload.created_at, upload.expires_at, upload.is_size_known
                FROM upload JOIN owner ON owner.id = upload.owner_id
                WHERE upload.owner_id = $1 AND upload.id > $2 AND upload.expires_at > $3 AND upload.is_complete = 0
                ORDER BY upload.id LIMIT $4
                """,
                [
                    .integer(owner), .text(id?.text ?? ""), .time(try expired(connection).through),
                    .integer(Int64(limit)),
                ]
            ).map(StoredUpload.init(row:))
        }
    }

    /// Ends an upload whose file was there before.
    package func completeUpload(_ id: UploadID) async throws {
        try await writeRetrying { connection in
            let change = try Self.complete(id, connection)
            guard var released = try Self.release(id.text, connection) else {
                return try Self.count(change, ofUpload: id, connection)
            }
            released.room.change += change
            try Self.add(Self.count(released.room, connection), owner: released.owner, connection)
        }
    }

    /// Drops an upload with all that came of it.
    package func dropUpload(_ id: UploadID) async throws {
        try await writeRetrying { connection in
            guard let dropped = try Self.drop(id.text, connection) else { return }
            try Self.add(Self.count(dropped.room, connection), owner: dropped.owner, connection)
        }
    }

    /// Drops some of the uploads that nobody went on with; returns how many there were.
    package func dropExpiredUploads(limit: Int) async throws -> Int {
        try await writeRetrying { connection in
            let time = try self.expired(connection)
            let expired = try connection.query(
                "SELECT id FROM upload WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at LIMIT $3",
                [.time(time.after), .time(time.through), .integer(Int64(limit))]
            )
            var freed: [Int64: FreedRoom] = [:]
            // In one order, so that two who sweep never wait for each other.
            for upload in try expired.map({ try $0.text(0) }).sorted() {
                guard let dropped = try Self.drop(upload, connection) else { continue }
                freed[dropped.owner, default: FreedRoom()] += dropped.room
            }
            try Self.add(freed, connection)
            return expired.count
        }
    }

    /// Drops all uploads of an owner and the reservations of those that run; returns the room that this frees.
    static func dropUploads(ofOwner owner: Int64, _ connection: any SQLConnection) throws -> FreedRoom {
        var room = FreedRoom()
        for upload in try connection.query("SELECT id FROM upload WHERE owner_id = $1 ORDER BY id", [.integer(owner)]) {
            if let dropped = try drop(try upload.text(0), connection) { room += dropped.room }
        }
        let others = try connection.query(
            "SELECT id FROM reservation WHERE owner_id = $1 ORDER BY id",
            [.integer(owner)]
        )
        for other in others {
            if let released = try release(try other.text(0), connection) { room += released.room }
        }
        return room
    }

    /// Ends an upload whose file was recorded; what it came in is not needed any more.
    ///
    /// The upload stays for a while, so that a client whose answer was lost learns how it ended.
    static func complete(_ id: UploadID, _ connection: any SQLConnection) throws -> UsageChange {
        let completed = try connection.execute(
            "UPDATE upload SET is_complete = 1 WHERE id = $1 AND is_complete = 0",
            [.text(id.text)]
        )
        try releaseParts(ofUpload: id.text, connection)
        return UsageChange(uploadCount: completed > 0 ? -1 : 0)
    }

    /// Counts a change for the owner of an upload.
    private static func count(
        _ change: UsageChange,
        ofUpload id: UploadID,
        _ connection: any SQLConnection
    ) throws {
        guard change != UsageChange() else { return }
        let row = try connection.first("SELECT owner_id FROM upload WHERE id = $1", [.text(id.text)])
        guard let row else { return }
        try add(change, owner: try row.integer(0), connection)
    }

    /// Drops an upload, and returns the room that it frees; nil when it is not there.
    private static func drop(
        _ id: String,
        _ connection: any SQLConnection
    ) throws -> (owner: Int64, room: FreedRoom)? {
        // First the row that a writer changes first, too.
        try connection.execute("UPDATE upload SET writer = '' WHERE id = $1", [.text(id)])
        try releaseParts(ofUpload: id, connection)
        let row = try connection.first(
            "DELETE FROM upload WHERE id = $1 RETURNING owner_id, is_complete",
            [.text(id)]
        )
        guard let row else { return nil }
        var room = try release(id, connection)?.room ?? FreedRoom()
        if try !row.flag(1) { room.change.uploadCount -= 1 }
        return (try row.integer(0), room)
    }

    private static func releaseParts(ofUpload id: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO blob_removal (storage_key) SELECT storage_key FROM upload_part WHERE upload_id = $1
            ON CONFLICT (storage_key) DO NOTHING
            """,
            [.text(id)]
        )
        try connection.execute("DELETE FROM upload_part WHERE upload_id = $1", [.text(id)])
    }
}

extension ExpectedDigests {
    /// The digests in one order.
    var sorted: [Digest] { DigestAlgorithm.allCases.compactMap { digests[$0] } }
}
