// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Drops the draft of a version; false when there is none.
    package func deleteDraft(of version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            guard let draft = try Self.lockDraft(of: version, owner: owner, connection) else { return false }
            let room = try Self.deleteDraft(draft.id, connection)?.room ?? FreedRoom()
            try Self.add(Self.count(room, connection), owner: owner, connection)
            return true
        }
    }

    /// Takes a file out of the draft of its version, which goes with its last file; false when it is not there.
    package func deleteDraftFile(_ file: FileCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            guard let draft = try Self.lockDraft(of: file.versionCoordinate, owner: owner, connection)?.id else {
                return false
            }
            let removed = try connection.query(
                "DELETE FROM draft_file WHERE draft_id = $1 AND lower_name = $2 RETURNING blob_id",
                [.integer(draft), .text(file.file.folded)]
            )
            guard !removed.isEmpty else { return false }
            try Self.noteCandidates(removed, connection)
            let left = try connection.first("SELECT 1 FROM draft_file WHERE draft_id = $1 LIMIT 1", [.integer(draft)])
            let room =
                left == nil
                ? try Self.deleteDraft(draft, connection)?.room ?? FreedRoom()
                : FreedRoom(change: try Self.measureDraft(draft, connection))
            try Self.add(Self.count(room, connection), owner: owner, connection)
            return true
        }
    }

    /// Drops some of the drafts that nobody went on with; returns how many there were.
    package func dropExpiredDrafts(limit: Int) async throws -> Int {
        try await writeRetrying { connection in
            let time = try self.expired(connection)
            let expired = try connection.query(
                "SELECT id FROM draft WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at LIMIT $3",
                [.time(time.after), .time(time.through), .integer(Int64(limit))]
            )
            var freed: [Int64: FreedRoom] = [:]
            // In one order, so that two who sweep never wait for each other.
            for draft in try expired.map({ try $0.integer(0) }).sorted() {
                guard let deleted = try Self.deleteDraft(draft, connection) else { continue }
                freed[deleted.owner, default: FreedRoom()] += deleted.room
            }
            try Self.add(freed, connection)
            return expired.count
        }
    }

    /// Drops all drafts of an owner; returns the room that this frees.
    static func deleteDrafts(ofOwner owner: Int64, _ connection: any SQLConnection) throws -> FreedRoom {
        var room = FreedRoom()
        for draft in try connection.query("SELECT id FROM draft WHERE owner_id = $1 ORDER BY id", [.integer(owner)]) {
            if let deleted = try deleteDraft(try draft.integer(0), connection) { room += deleted.room }
        }
        return room
    }

    /// Deletes a draft, and returns the room that it frees; nil when it is not there.
    ///
    /// Content that nothing else has goes with the next garbage collection, unless the draft's files were published, which `isPublished`
    /// says.
    static func deleteDraft(
        _ id: Int64,
        isPublished: Bool = false,
        _ connection: any SQLConnection
    ) throws -> (owner: Int64, room: FreedRoom)? {
        // The draft's own row first, as everyone who changes a draft locks it.
        try connection.execute("UPDATE draft SET lower_version = lower_version WHERE id = $1", [.integer(id)])
        let blobs = try connection.query("DELETE FROM draft_file WHERE draft_id = $1 RETURNING blob_id", [.integer(id)])
        if !isPublished { try noteCandidates(blobs, connection) }
        let row = try connection.first(
            "DELETE FROM draft WHERE id = $1 RETURNING owner_id, size, new_version",
            [.integer(id)]
        )
        guard let row else { return nil }
        let change = UsageChange(reservedSize: -(try row.integer(1)), draftCount: -1)
        return (try row.integer(0), FreedRoom(change: change, versions: try row.optionalText(2).map { [$0] } ?? []))
    }
}
