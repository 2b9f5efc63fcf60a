// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Puts a file into the draft of its version, which is made when there is none; another file of that name is replaced.
    package func recordDraftFile(_ file: NewFile, lifetime: Duration) async throws -> RecordOutcome {
        try await writeUnlessRolledBack { connection in
            let now = try connection.now()
            if let refusal = try Self.refusal(of: file.publisher, now, connection) { return .refused(refusal) }
            let draft = try Self.findOrInsertDraft(file, until: now.adding(lifetime), now, connection)
            let blob = try Self.findOrInsertBlob(file, now, connection)
            try Self.putFile(file, intoDraft: draft, blob.id, now, connection)
            try Self.measureDraft(draft, connection)
            _ = try Self.takeReservation(file, isNewVersion: false, connection)
            try Self.checkRoom(for: file, now, connection)
            try lookAgain(at: file.publisher, connection) { RecordOutcome.refused($0) }
            return .created(key: blob.key)
        }
    }

    /// The draft of a version with its files in the order of their names; nil when there is none.
    package func draft(
        of version: VersionCoordinate,
        owner: Int64
    ) async throws -> (draft: StoredDraft, files: [DraftFile])? {
        try await database.read { connection in
            let row = try connection.first(
                """
                SELECT draft.id, draft.package, draft.version, owner.name, draft.created_at, draft.expires_at, draft.size,
                    (SELECT COUNT(*) FROM draft_file WHERE draft_file.draft_id = draft.id)
                FROM draft LEFT JOIN owner ON owner.id = draft.creator_id
                WHERE draft.owner_id = $1 AND draft.lower_package = $2 AND draft.lower_version = $3
                """,
                [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
            )
            guard let draft = try row.map(StoredDraft.init(row:)) else { return nil }
            return (draft, try Self.files(ofDraft: draft.id, connection))
        }
    }

    /// Some of an owner's drafts, the one begun first first.
    package func drafts(owner: Int64, after id: Int64?, limit: Int) async throws -> [StoredDraft] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT draft.id, draft.package, draft.version, owner.name, draft.created_at, draft.expires_at, draft.size,
                    (SELECT COUNT(*) FROM draft_file WHERE draft_file.draft_id = draft.id)
                FROM draft LEFT JOIN owner ON owner.id = draft.creator_id
                WHERE draft.owner_id = $1 AND draft.id > $2 ORDER BY draft.id LIMIT $3
                """,
                [.integer(owner), .integer(id ?? 0), .integer(Int64(limit))]
            ).map(StoredDraft.init(row:))
        }
    }

    /// Drops the draft of a version; false when there is none.
    package func deleteDraft(of version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await writeRetrying { connection in
            guard let draft = try Self.lockDraft(of: version, owner: owner, connection) else { return false }
            try Self.deleteDraft(draft.id, connection)
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
            if left == nil {
                try Self.deleteDraft(draft, connection)
            } else {
                try Self.measureDraft(draft, connection)
            }
            return true
        }
    }

    /// Drops some of the drafts that nobody went on with; returns how many there were.
    package func dropExpiredDrafts(limit: Int) async throws -> Int {
        try await writeRetrying { connection in
            let expired = try connection.query(
                "SELECT id FROM draft WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
                [.time(try connection.now()), .integer(Int64(limit))]
            )
            for draft in expired { try Self.deleteDraft(try draft.integer(0), connection) }
            return expired.count
        }
    }

    /// Drops all drafts of an owner.
    static func deleteDrafts(ofOwner owner: Int64, _ connection: any SQLConnection) throws {
        for draft in try connection.query("SELECT id FROM draft WHERE owner_id = $1 ORDER BY id", [.integer(owner)]) {
            try deleteDraft(try draft.integer(0), connection)
        }
    }

    /// Finds a draft and locks it, so that whoever changes it at the same moment waits; it has its own spelling of its names.
    static func lockDraft(
        of version: VersionCoordinate,
        owner: Int64,
        _ connection: any SQLConnection
    ) throws -> (id: Int64, version: VersionCoordinate)? {
        let row = try connection.first(
            """
            UPDATE draft SET lower_version = lower_version
            WHERE owner_id = $1 AND lower_package = $2 AND lower_version = $3 RETURNING id, package, version
            """,
            [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
        )
        guard let row else { return nil }
        let found = VersionCoordinate(
            owner: version.owner,
            package: try PackageName(try row.text(1)),
            version: try PackageVersion(try row.text(2))
        )
        return (try row.integer(0), found)
    }

    static func files(ofDraft id: Int64, _ connection: any SQLConnection) throws -> [DraftFile] {
        try connection.query(
            """
            SELECT draft_file.name, blob.size, blob.sha256, draft_file.created_at, blob.id, blob.storage_key
            FROM draft_file JOIN blob ON blob.id = draft_file.blob_id
            WHERE draft_file.draft_id = $1 ORDER BY draft_file.lower_name
            """,
            [.integer(id)]
        ).map(DraftFile.init(row:))
    }

    /// Deletes a draft; content that nothing else has goes with the next garbage collection.
    static func deleteDraft(_ id: Int64, _ connection: any SQLConnection) throws {
        let blobs = try connection.query("DELETE FROM draft_file WHERE draft_id = $1 RETURNING blob_id", [.integer(id)])
        try noteCandidates(blobs, connection)
        try connection.execute("DELETE FROM draft WHERE id = $1", [.integer(id)])
    }

    private static func findOrInsertDraft(
        _ file: NewFile,
        until end: Timestamp,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        let version = file.coordinate.versionCoordinate
        let draft = try connection.first(
            """
            INSERT INTO draft (
                owner_id, package, lower_package, version, lower_version, creator_id, size, created_at, expires_at
            ) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)
            ON CONFLICT (owner_id, lower_package, lower_version) DO UPDATE SET expires_at = excluded.expires_at
            RETURNING id
            """,
            [
                .integer(file.owner), .text(version.package.text), .text(version.package.folded),
                .text(version.version.text), .text(version.version.folded), .integer(file.creator),
                .time(now), .time(end),
            ]
        )
        guard let draft else { throw SQLError(.conflict, "a draft was dropped at the same moment") }
        return try draft.integer(0)
    }

    /// Rolls back when a quota has no room for a file that was just put into a draft.
    private static func checkRoom(
        for file: NewFile,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let quotas = file.quotas.with(try ownLimits(file.owner, connection))
        guard !quotas.areUnlimited else { return }
        // From here on whoever wants room waits, and counts this draft then.
        try add(UsageChange(), owner: file.owner, keeping: quotas, connection)
        // A version that is there already is joined, and takes no room.
        let version = file.coordinate.versionCoordinate
        let versions: Int64 = try versionID(version, owner: file.owner, connection) == nil ? 1 : 0
        for (scope, quota) in quotas.scopes(of: file.owner) where !quota.isUnlimited {
            var before = try usage(of: scope, besides: nil, now, connection)
            before.reservedSize -= file.sizeInBytes
            before.reservedVersionCount -= versions
            let breach = before.breach(of: quota, in: scope, addingSize: file.sizeInBytes, versions: versions)
            if let breach { throw Rollback(RecordOutcome.overQuota(breach)) }
        }
    }

    private static func putFile(
        _ file: NewFile,
        intoDraft draft: Int64,
        _ blob: Int64,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let name = file.coordinate.file
        let replaced = try connection.query(
            "DELETE FROM draft_file WHERE draft_id = $1 AND lower_name = $2 RETURNING blob_id",
            [.integer(draft), .text(name.folded)]
        )
        try noteCandidates(replaced, connection)
        try connection.execute(
            """
            INSERT INTO draft_file (draft_id, blob_id, name, lower_name, created_at) VALUES ($1, $2, $3, $4, $5)
            """,
            [.integer(draft), .integer(blob), .text(name.text), .text(name.folded), .time(now)]
        )
    }

    private static func measureDraft(_ id: Int64, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE draft SET size = (
                SELECT COALESCE(SUM(blob.size), 0) FROM draft_file JOIN blob ON blob.id = draft_file.blob_id
                WHERE draft_file.draft_id = draft.id
            ) WHERE id = $1
            """,
            [.integer(id)]
        )
    }
}
