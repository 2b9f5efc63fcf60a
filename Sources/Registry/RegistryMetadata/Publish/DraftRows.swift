// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var drafts: DraftRows { DraftRows(tx: self) }
}

/// The tables of drafts and their files.
struct DraftRows {
    let tx: Transaction

    /// Finds a draft and locks it, so that concurrent changes wait; it has its own spelling of its names.
    func lock(_ version: VersionCoordinate, owner: Int64) throws -> (id: Int64, version: VersionCoordinate)? {
        try tx.first(
            """
            UPDATE draft SET lower_version = lower_version
            WHERE owner_id = $1 AND lower_package = $2 AND lower_version = $3 RETURNING id, package, version
            """,
            [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
        ) { row in
            let id = try row.integer()
            let (package, name) = (try PackageName(try row.text()), try PackageVersion(try row.text()))
            return (id, VersionCoordinate(owner: version.owner, package: package, version: name))
        }
    }

    /// Returns some of the files of a draft in the order of their names, after one.
    func files(ofDraft id: Int64, after name: FileName? = nil, limit: Int = .max) throws -> [DraftFile] {
        try tx.all(
            """
            SELECT \(DraftFile.columns) FROM draft_file JOIN blob ON blob.id = draft_file.blob_id
            WHERE draft_file.draft_id = $1 AND draft_file.lower_name > $2 ORDER BY draft_file.lower_name LIMIT $3
            """,
            [.integer(id), .text(name?.folded ?? ""), .integer(Int64(limit))]
        )
    }

    /// Finds the draft that a file belongs into and defers its expiry, or adds it; locks it in either case.
    func findOrInsert(for file: NewFile, until end: Timestamp, _ now: Timestamp) throws -> (id: Int64, isNew: Bool) {
        let version = file.coordinate.versionCoordinate
        let inserted = try tx.integer(
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
        if let inserted { return (inserted, true) }
        let found = try tx.integer(
            """
            UPDATE draft SET expires_at = $4
            WHERE owner_id = $1 AND lower_package = $2 AND lower_version = $3 RETURNING id
            """,
            [.integer(file.owner), .text(version.package.folded), .text(version.version.folded), .time(end)]
        )
        guard let found else { throw SQLError(.conflict, "a draft was deleted concurrently") }
        return (found, false)
    }

    /// Puts a file into a draft, in the place of another one of its name.
    func put(_ file: NewFile, intoDraft draft: Int64, _ blob: Int64, _ now: Timestamp) throws {
        let name = file.coordinate.file
        let replaced = try tx.all(
            "DELETE FROM draft_file WHERE draft_id = $1 AND lower_name = $2 RETURNING blob_id",
            [.integer(draft), .text(name.folded)]
        ) { try $0.integer() }
        try tx.blobs.noteCandidates(replaced)
        try tx.execute(
            "INSERT INTO draft_file (draft_id, blob_id, name, lower_name, created_at) VALUES ($1, $2, $3, $4, $5)",
            [.integer(draft), .integer(blob), .text(name.text), .text(name.folded), .time(now)]
        )
    }

    /// Adds up the size of a draft; returns the change to be counted.
    func measure(_ id: Int64) throws -> UsageChange {
        let before = try tx.integer("SELECT size FROM draft WHERE id = $1", [.integer(id)]) ?? 0
        let after = try tx.integer(
            """
            UPDATE draft SET size = (
                SELECT COALESCE(SUM(blob.size), 0) FROM draft_file JOIN blob ON blob.id = draft_file.blob_id
                WHERE draft_file.draft_id = draft.id
            ) WHERE id = $1 RETURNING size
            """,
            [.integer(id)]
        )
        return UsageChange(reservedSize: (after ?? 0) - before)
    }

    /// Reserves the version that a draft would create, unless that exists and will be joined; returns the change to be counted.
    func holdVersion(of file: NewFile, forDraft draft: Int64) throws -> UsageChange {
        let version = file.coordinate.versionCoordinate
        guard try tx.versions.id(of: version, owner: file.owner) == nil else { return UsageChange() }
        let key = version.reservationKey(ofOwner: file.owner)
        let isNew =
            try tx.execute(
                "UPDATE draft SET new_version = $2 WHERE id = $1 AND new_version IS NULL",
                [.integer(draft), .text(key)]
            ) > 0
        let isCountedNow =
            isNew ? try tx.reservedVersions.hold(key, ofOwner: file.owner) : try tx.reservedVersions.countAgain(key)
        return UsageChange(reservedVersionCount: isCountedNow ? 1 : 0)
    }

    /// Deletes a draft and returns the room that it frees; nil if there is none.
    ///
    /// Content that nothing else has is removed by the next garbage collection, unless `isPublished` says that its files were published.
    func delete(_ id: Int64, isPublished: Bool = false) throws -> (owner: Int64, room: FreedRoom)? {
        // The draft's own row first, as everyone who changes a draft locks it.
        try tx.execute("UPDATE draft SET lower_version = lower_version WHERE id = $1", [.integer(id)])
        let blobs = try tx.all("DELETE FROM draft_file WHERE draft_id = $1 RETURNING blob_id", [.integer(id)]) {
            try $0.integer()
        }
        if !isPublished { try tx.blobs.noteCandidates(blobs) }
        return try tx.first("DELETE FROM draft WHERE id = $1 RETURNING owner_id, size, new_version", [.integer(id)]) {
            row in
            let owner = try row.integer()
            let change = UsageChange(reservedSize: -(try row.integer()), draftCount: -1)
            return (owner, FreedRoom(change: change, versions: try row.optionalText().map { [$0] } ?? []))
        }
    }

    /// Deletes all drafts of an owner and returns the room that this frees.
    func deleteAll(ofOwner owner: Int64) throws -> FreedRoom {
        let drafts = try tx.all("SELECT id FROM draft WHERE owner_id = $1 ORDER BY id", [.integer(owner)]) {
            try $0.integer()
        }
        var room = FreedRoom()
        for draft in drafts {
            if let deleted = try delete(draft) { room += deleted.room }
        }
        return room
    }
}

extension StoredDraft: SQLRecord {
    static let columns: SQL = """
        draft.id, draft.package, draft.version, owner.name, draft.created_at, draft.expires_at, draft.size,
        (SELECT COUNT(*) FROM draft_file WHERE draft_file.draft_id = draft.id)
        """
    static let source: SQL = "draft LEFT JOIN owner ON owner.id = draft.creator_id"

    init(reading row: inout RowReader) throws {
        self.init(
            id: try row.integer(),
            package: try PackageName(try row.text()),
            version: try PackageVersion(try row.text()),
            creator: try row.optionalText().map { try OwnerName($0) },
            createdAt: try row.time(),
            expiresAt: try row.time(),
            sizeInBytes: try row.integer(),
            fileCount: try row.integer()
        )
    }
}

extension DraftFile: SQLRecord {
    static let columns: SQL = """
        draft_file.name, blob.size, blob.sha256, draft_file.created_at, blob.id, blob.storage_key
        """

    init(reading row: inout RowReader) throws {
        self.init(
            name: try FileName(try row.text()),
            sizeInBytes: try row.integer(),
            sha256: try row.digest(.sha256),
            createdAt: try row.time(),
            blob: try row.integer(),
            key: try row.blobKey()
        )
    }
}
