// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var uploads: UploadRows { UploadRows(tx: self) }
}

/// The tables of uploads of several requests and their pieces.
struct UploadRows {
    let tx: Transaction

    func insert(_ new: NewUpload, until end: Timestamp, _ now: Timestamp) throws {
        try tx.execute(
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
    }

    /// Ends an upload whose file was recorded, and drops its pieces; returns the change to be counted.
    ///
    /// The upload's row stays for a while, so that a client whose response was lost learns the outcome.
    func complete(_ id: UploadID) throws -> UsageChange {
        let completed = try tx.execute(
            "UPDATE upload SET is_complete = 1 WHERE id = $1 AND is_complete = 0",
            [.text(id.text)]
        )
        try dropParts(ofUpload: id.text)
        return UsageChange(uploadCount: completed > 0 ? -1 : 0)
    }

    /// Drops an upload and returns the room that it frees; nil if there is none.
    func drop(_ id: String) throws -> (owner: Int64, room: FreedRoom)? {
        // First the row that a writer changes first, too.
        try tx.execute("UPDATE upload SET writer = '' WHERE id = $1", [.text(id)])
        try dropParts(ofUpload: id)
        let dropped = try tx.first("DELETE FROM upload WHERE id = $1 RETURNING owner_id, is_complete", [.text(id)]) {
            row in
            (owner: try row.integer(), isComplete: try row.flag())
        }
        guard let dropped else { return nil }
        var room = try tx.reservations.release(id)?.room ?? FreedRoom()
        if !dropped.isComplete { room.change.uploadCount -= 1 }
        return (dropped.owner, room)
    }

    /// Drops all uploads of an owner and the reservations of those in progress; returns the room that this frees.
    func dropAll(ofOwner owner: Int64) throws -> FreedRoom {
        var room = FreedRoom()
        let uploads = try tx.all("SELECT id FROM upload WHERE owner_id = $1 ORDER BY id", [.integer(owner)]) {
            try $0.text()
        }
        for upload in uploads {
            if let dropped = try drop(upload) { room += dropped.room }
        }
        let others = try tx.all("SELECT id FROM reservation WHERE owner_id = $1 ORDER BY id", [.integer(owner)]) {
            try $0.text()
        }
        for other in others {
            if let released = try tx.reservations.release(other) { room += released.room }
        }
        return room
    }

    private func dropParts(ofUpload id: String) throws {
        try tx.execute(
            """
            INSERT INTO blob_removal (storage_key) SELECT storage_key FROM upload_part WHERE upload_id = $1
            ON CONFLICT (storage_key) DO NOTHING
            """,
            [.text(id)]
        )
        try tx.execute("DELETE FROM upload_part WHERE upload_id = $1", [.text(id)])
    }
}

extension StoredUpload: SQLRecord {
    static let columns: SQL = """
        upload.id, upload.owner_id, owner.name, upload.package, upload.version, upload.file, upload.is_draft, upload.digests,
        upload.is_size_known, upload.size, upload.received, upload.part_count, upload.is_complete, upload.created_at,
        upload.expires_at
        """
    static let source: SQL = "upload JOIN owner ON owner.id = upload.owner_id"

    init(reading row: inout RowReader) throws {
        let (id, ownerID) = (try row.value(UploadID.init), try row.integer())
        let file = FileCoordinate(
            owner: try OwnerName(try row.text()),
            package: try PackageName(try row.text()),
            version: try PackageVersion(try row.text()),
            file: try FileName(try row.text())
        )
        let (isDraft, digests) = (try row.flag(), try ExpectedDigests(fields: [("repr-digest", try row.text())]))
        let (isSizeKnown, size) = (try row.flag(), try row.integer())
        self.init(
            id: id,
            ownerID: ownerID,
            file: file,
            isDraft: isDraft,
            digests: digests,
            sizeInBytes: isSizeKnown ? size : nil,
            received: try row.integer(),
            partCount: try row.integer(),
            isComplete: try row.flag(),
            createdAt: try row.time(),
            expiresAt: try row.time()
        )
    }
}

extension ExpectedDigests {
    /// The digests in a fixed order.
    var sorted: [Digest] { DigestAlgorithm.allCases.compactMap { digests[$0] } }
}
