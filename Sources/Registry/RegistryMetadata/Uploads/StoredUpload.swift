// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

/// An upload that is to come in pieces.
package struct NewUpload: Sendable {
    package let id: UploadID
    package let file: FileCoordinate
    package let owner: Int64
    package let isDraft: Bool
    /// The size of the whole file; nil when the client states it later.
    package let sizeInBytes: Int64?
    /// What the client said that the whole file has.
    package let digests: ExpectedDigests
    /// The version that it would make; nil when that is there.
    package let newVersion: VersionCoordinate?

    package init(
        id: UploadID,
        file: FileCoordinate,
        owner: Int64,
        isDraft: Bool,
        sizeInBytes: Int64?,
        digests: ExpectedDigests,
        newVersion: VersionCoordinate?
    ) {
        self.id = id
        self.file = file
        self.owner = owner
        self.isDraft = isDraft
        self.sizeInBytes = sizeInBytes
        self.digests = digests
        self.newVersion = newVersion
    }
}

/// An upload that comes in pieces, and how far it is.
package struct StoredUpload: Hashable, Sendable {
    package let id: UploadID
    /// Where the file belongs, with the name that the owner has now.
    package let file: FileCoordinate
    package let isDraft: Bool
    /// What the client said that the whole file has.
    package let digests: ExpectedDigests
    /// The size of the whole file; nil while the client has not stated it.
    package let sizeInBytes: Int64?
    /// How many bytes are durable.
    package let received: Int64
    package let partCount: Int64
    /// Whether the file is published, or in its draft.
    package let isComplete: Bool
    /// Where a client is to go on: the last byte counts only when the file is where it belongs, since clients take an offset
    /// at the end for success.
    package var offset: Int64 {
        guard let sizeInBytes else { return received }
        return isComplete ? sizeInBytes : min(received, max(0, sizeInBytes - 1))
    }
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    /// Reads the columns `id, owner, package, version, file, is_draft, digests, size, received, part_count, is_complete,
    /// created_at, expires_at, is_size_known`.
    init(row: SQLRow) throws {
        id = try row.uploadID(0)
        file = FileCoordinate(
            owner: try OwnerName(try row.text(1)),
            package: try PackageName(try row.text(2)),
            version: try PackageVersion(try row.text(3)),
            file: try FileName(try row.text(4))
        )
        isDraft = try row.flag(5)
        digests = try ExpectedDigests(fields: [("repr-digest", try row.text(6))])
        sizeInBytes = try row.flag(13) ? try row.integer(7) : nil
        received = try row.integer(8)
        partCount = try row.integer(9)
        isComplete = try row.flag(10)
        createdAt = try row.time(11)
        expiresAt = try row.time(12)
    }
}

/// A piece of an upload, which lies in the store under a key of its own.
package struct UploadPart: Hashable, Sendable {
    package let key: BlobKey
    /// Its first byte's place in the file.
    package let start: Int64
    package let sizeInBytes: Int64

    package init(key: BlobKey, start: Int64, sizeInBytes: Int64) {
        self.key = key
        self.start = start
        self.sizeInBytes = sizeInBytes
    }
}

extension SQLRow {
    /// The identifier in a column that is never null.
    fileprivate func uploadID(_ column: Int) throws -> UploadID {
        guard let id = UploadID(try text(column)) else {
            throw SQLError(
                .unexpectedValue,
                "column \(column) of the result is not an upload's identifier: the database was modified manually"
            )
        }
        return id
    }
}
