// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Drops the draft of a version; false when there is none.
    package func deleteDraft(of version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            guard let draft = try Self.lockDraft(of: version, owner: owner, connection) else { return false }
            let change = try Self.deleteDraft(draft.id, connection)?.change ?? UsageChange()
            try Self.add(change, owner: owner, connection)
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
            let change =
                left == nil
                ? try Self.deleteDraft(draft, connection)?.change ?? UsageChange()
                : try Self.measureDraft(draft, connection)
            try Self.add(change, owner: owner, connection)
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
            var changes: [Int64: UsageChange] = [:]
            for draft in expired {
                guard let deleted = try Self.deleteDraft(try draft.integer(0), connection) else { continue }
                changes[deleted.owner, default: UsageChange()] += deleted.change
            }
            try Self.add(changes, connection)
            return expired.count
        }
    }

    /// Drops all drafts of an owner; says what is to be counted.
    static func deleteDrafts(ofOwner owner: Int64, _ connection: any SQLConnection) throws -> UsageChange {
        var change = UsageChange()
        for draft in try connection.query("SELECT id FROM draft WHERE owner_id = $1 ORDER BY id", [.integer(owner)]) {
            change += try deleteDraft(try draft.integer(0), connection)?.change ?? UsageChange()
        }
        return change
    }

    /// Deletes a draft, and says what is to be counted; nil when it is not there.
    ///
    /// Content that nothing else has goes with the next garbage collection.
    static func deleteDraft(
        _ id: Int64,
        _ connection: any SQLConnection
    ) throws -> (owner: Int64, change: UsageChange)? {
        let blobs = try connection.query("DELETE FROM draft_file WHERE draft_id = $1 RETURNING blob_id", [.integer(id)])
        try noteCandidates(blobs, connection)
        let row = try connection.first(
            "DELETE FROM draft WHERE id = $1 RETURNING owner_id, size, new_version",
            [.integer(id)]
        )
        guard let row else { return nil }
        var change = UsageChange(reservedSize: -(try row.integer(1)), draftCount: -1)
        if let version = try row.optionalText(2) { change += try release(version: version, connection) }
        return (try row.integer(0), change)
    }
}
