// SPDX-License-Identifier: Apache-2.0

/// An upload of several requests, and its progress.
package struct StoredUpload: Hashable, Sendable {
    package let id: UploadID
    package let ownerID: Int64
    /// The coordinate of the file, with the owner's present name.
    package let file: FileCoordinate
    package let isDraft: Bool
    /// The digests that the client stated for the whole file.
    package let digests: ExpectedDigests
    /// The size of the whole file; nil while the client has not stated it.
    package let sizeInBytes: Int64?
    /// The number of durable bytes.
    package let received: Int64
    package let partCount: Int64
    /// Whether the file is published, or in its draft.
    package let isComplete: Bool
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        id: UploadID,
        ownerID: Int64,
        file: FileCoordinate,
        isDraft: Bool,
        digests: ExpectedDigests,
        sizeInBytes: Int64?,
        received: Int64,
        partCount: Int64,
        isComplete: Bool,
        createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.ownerID = ownerID
        self.file = file
        self.isDraft = isDraft
        self.digests = digests
        self.sizeInBytes = sizeInBytes
        self.received = received
        self.partCount = partCount
        self.isComplete = isComplete
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// The offset that a client resumes from.
    ///
    /// The last byte counts only once the file is where it belongs, because clients take an offset at the end for success.
    package var offset: Int64 {
        guard let sizeInBytes else { return received }
        return isComplete ? sizeInBytes : min(received, max(0, sizeInBytes - 1))
    }
}
