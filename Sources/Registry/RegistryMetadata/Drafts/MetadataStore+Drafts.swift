// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Puts a file into the draft of its version, which is made when there is none; another file of that name is replaced.
    ///
    /// `limit` is how many drafts the owner may have.
    package func recordDraftFile(
        _ file: NewFile,
        lifetime: Duration,
        limit: Int64? = nil
    ) async throws -> RecordOutcome {
        try await sweepingWhenFull(\.isFull) {
            try await tryToRecordDraftFile(file, lifetime: lifetime, limit: limit)
        }
    }

    private func tryToRecordDraftFile(
        _ file: NewFile,
        lifetime: Duration,
        limit: Int64?
    ) async throws -> RecordOutcome {
        try await writeUnlessRolledBack { connection in
            let now = try connection.now()
            if let refusal = try Self.refusal(of: file.publisher, now, connection) { return .refused(refusal) }
            let (draft, isNew) = try Self.findOrInsertDraft(file, until: now.adding(lifetime), now, connection)
            var change = UsageChange(draftCount: isNew ? 1 : 0)
            let blob = try Self.findOrInsertBlob(file, now, connection)
            try Self.putFile(file, intoDraft: draft, blob.id, now, connection)
            change += try Self.measureDraft(draft, connection)
            change += try Self.count(Self.takeReservation(file, connection), connection)
            change += try Self.holdVersion(of: file, forDraft: draft, connection)
            try Self.countDraft(change, for: file, limit: limit, connection)
            try lookAgain(at: file.publisher, connection) { RecordOutcome.refused($0) }
            return .created(key: blob.key)
        }
    }

    /// Whether an owner has no draft of a version and as many others as it may have.
    package func hasNoRoom(forDraftOf version: VersionCoordinate, owner: Int64, limit: Int64?) async throws -> Bool {
        guard let limit else { return false }
        return try await sweepingWhenFull({ $0 }) {
            try await database.read { connection in
                guard try Self.usage(of: .owner(owner), connection).draftCount >= limit else { return false }
                return try connection.first(
                    "SELECT 1 FROM draft WHERE owner_id = $1 AND lower_package = $2 AND lower_version = $3",
                    [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
                ) == nil
            }
        }
    }

    /// The draft of a version with its first `limit` files in the order of their names; nil when there is none.
    package func draft(
        of version: VersionCoordinate,
        owner: Int64,
        limit: Int = .max
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
            return (draft, try Self.files(ofDraft: draft.id, limit: limit, connection))
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

    /// Returns up to `limit` files of a draft in the order of their names, after one; nil if the draft no longer exists.
    package func files(ofDraft id: Int64, after name: FileName, limit: Int) async throws -> [DraftFile]? {
        try await database.read { connection in
            let files = try Self.files(ofDraft: id, after: name, limit: limit, connection)
            // The last page completes the list only if the draft was not deleted in between.
            guard files.count < limit else { return files }
            return try connection.first("SELECT 1 FROM draft WHERE id = $1", [.integer(id)]) == nil ? nil : files
        }
    }

    static func files(
        ofDraft id: Int64,
        after name: FileName? = nil,
        limit: Int = .max,
        _ connection: any SQLConnection
    ) throws -> [DraftFile] {
        try connection.query(
            """
            SELECT draft_file.name, blob.size, blob.sha256, draft_file.created_at, blob.id, blob.storage_key
            FROM draft_file JOIN blob ON blob.id = draft_file.blob_id
            WHERE draft_file.draft_id = $1 AND draft_file.lower_name > $2 ORDER BY draft_file.lower_name LIMIT $3
            """,
            [.integer(id), .text(name?.folded ?? ""), .integer(Int64(limit))]
        ).map(DraftFile.init(row:))
    }

    private static func findOrInsertDraft(
        _ file: NewFile,
        until end: Timestamp,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (id: Int64, isNew: Bool) {
        let version = file.coordinate.versionCoordinate
        let inserted = try connection.first(
            """
            INSERT INTO draft (
                owner_id, package, lower_package, version, lower_version, creator_id, size, created_at, expires_at
            ) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)
            ON CONFLICT (owner_id, lower_package, lower_version) DO NOTHING RETURNING id
            """,
            [
                .integer(file.owner), .text(version.package.text), .text(version.package.folded),
                .text(version.version.text), .text(version.version.folded), .integer(file.creator),
                .time(now), .time(end),
            ]
        )
        if let inserted { return (try inserted.integer(0), true) }
        let draft = try connection.first(
            """
            UPDATE draft SET expires_at = $4
            WHERE owner_id = $1 AND lower_package = $2 AND lower_version = $3 RETURNING id
            """,
            [.integer(file.owner), .text(version.package.folded), .text(version.version.folded), .time(end)]
        )
        guard let draft else { throw SQLError(.conflict, "a draft was deleted concurrently") }
        return (try draft.integer(0), false)
    }

    /// Notes the version that a draft would make, unless that is there and will be joined.
    private static func holdVersion(
        of file: NewFile,
        forDraft draft: Int64,
        _ connection: any SQLConnection
    ) throws -> UsageChange {
        let version = file.coordinate.versionCoordinate
        guard try versionID(version, owner: file.owner, connection) == nil else { return UsageChange() }
        let key = version.reservationKey(ofOwner: file.owner)
        let noted = try connection.execute(
            "UPDATE draft SET new_version = $2 WHERE id = $1 AND new_version IS NULL",
            [.integer(draft), .text(key)]
        )
        let isCountedNow =
            noted > 0 ? try hold(key, ofOwner: file.owner, connection) : try countAgain(key, connection)
        return UsageChange(reservedVersionCount: isCountedNow ? 1 : 0)
    }

    /// Counts a file that was just put into a draft, and rolls back when there is no room for it.
    private static func countDraft(
        _ change: UsageChange,
        for file: NewFile,
        limit: Int64?,
        _ connection: any SQLConnection
    ) throws {
        let quotas = file.quotas.with(try ownLimits(file.owner, connection))
        let isOneMore = change.draftCount > 0 && limit != nil
        // From here on whoever wants room waits, and counts this draft then.
        let slots = UsageSlots(keeping: quotas, isOwnerBounded: isOneMore)
        try add(change, owner: file.owner, in: slots, connection)
        if isOneMore, let limit, try usage(of: .owner(file.owner), connection).draftCount > limit {
            throw Rollback(RecordOutcome.tooManyDrafts(limit: limit))
        }
        for (scope, quota) in quotas.scopes(of: file.owner) where !quota.isUnlimited {
            var before = try usage(of: scope, connection)
            let (size, versions) = (max(0, change.reservedSize), max(0, change.reservedVersionCount))
            before.reservedSize -= size
            before.reservedVersionCount -= versions
            let breach = before.breach(of: quota, in: scope, addingSize: size, versions: versions)
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

    /// Adds up the size of a draft; says what is to be counted.
    static func measureDraft(_ id: Int64, _ connection: any SQLConnection) throws -> UsageChange {
        let before = try connection.first("SELECT size FROM draft WHERE id = $1", [.integer(id)])?.integer(0) ?? 0
        let after = try connection.first(
            """
            UPDATE draft SET size = (
                SELECT COALESCE(SUM(blob.size), 0) FROM draft_file JOIN blob ON blob.id = draft_file.blob_id
                WHERE draft_file.draft_id = draft.id
            ) WHERE id = $1 RETURNING size
            """,
            [.integer(id)]
        )?.integer(0)
        return UsageChange(reservedSize: (after ?? 0) - before)
    }
}
