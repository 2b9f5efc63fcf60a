// SPDX-License-Identifier: Apache-2.0

/// An unpublished version.
package struct StoredDraft: Hashable, Sendable {
    package let id: Int64
    package let package: PackageName
    package let version: PackageVersion
    /// The name of the account that began it; nil if the account was deleted.
    package let creator: OwnerName?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let sizeInBytes: Int64
    package let fileCount: Int64

    package init(
        id: Int64,
        package: PackageName,
        version: PackageVersion,
        creator: OwnerName?,
        createdAt: Timestamp,
        expiresAt: Timestamp,
        sizeInBytes: Int64,
        fileCount: Int64
    ) {
        self.id = id
        self.package = package
        self.version = version
        self.creator = creator
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.sizeInBytes = sizeInBytes
        self.fileCount = fileCount
    }
}

/// A file of a draft.
package struct DraftFile: Hashable, Sendable {
    package let name: FileName
    package let sizeInBytes: Int64
    package let sha256: Digest
    package let createdAt: Timestamp
    package let blob: Int64
    package let key: BlobKey

    package init(
        name: FileName,
        sizeInBytes: Int64,
        sha256: Digest,
        createdAt: Timestamp,
        blob: Int64,
        key: BlobKey
    ) {
        self.name = name
        self.sizeInBytes = sizeInBytes
        self.sha256 = sha256
        self.createdAt = createdAt
        self.blob = blob
        self.key = key
    }
}
