// SPDX-License-Identifier: Apache-2.0

/// A published file, with its content's blob.
package struct StoredFile: Hashable, Sendable {
    package let id: Int64
    /// The name as it was published.
    package let name: FileName
    package let blob: StoredBlob
    package let createdAt: Timestamp
    package let downloadCount: Int64

    package init(id: Int64, name: FileName, blob: StoredBlob, createdAt: Timestamp, downloadCount: Int64) {
        self.id = id
        self.name = name
        self.blob = blob
        self.createdAt = createdAt
        self.downloadCount = downloadCount
    }
}

/// Content that files refer to.
package struct StoredBlob: Hashable, Sendable {
    package let id: Int64
    package let key: BlobKey
    package let sizeInBytes: Int64
    package let sha256: Digest
    /// All four digests; nil until those that a publisher does not wait for are computed.
    package let digests: FileDigests?

    package init(id: Int64, key: BlobKey, sizeInBytes: Int64, sha256: Digest, digests: FileDigests?) {
        self.id = id
        self.key = key
        self.sizeInBytes = sizeInBytes
        self.sha256 = sha256
        self.digests = digests
    }
}

/// A version in a list of its package's versions.
package struct StoredVersion: Hashable, Sendable {
    package let id: Int64
    package let version: PackageVersion
    /// The name of the account that published it; nil if the account was deleted.
    package let creator: OwnerName?
    package let createdAt: Timestamp
    package let fileCount: Int64
    package let sizeInBytes: Int64

    package init(
        id: Int64,
        version: PackageVersion,
        creator: OwnerName?,
        createdAt: Timestamp,
        fileCount: Int64,
        sizeInBytes: Int64
    ) {
        self.id = id
        self.version = version
        self.creator = creator
        self.createdAt = createdAt
        self.fileCount = fileCount
        self.sizeInBytes = sizeInBytes
    }
}

/// A package in a list.
package struct StoredPackage: Hashable, Sendable {
    package let name: PackageName
    package let versionCount: Int64
    package let latestVersion: PackageVersion?
    package let createdAt: Timestamp

    package init(
        name: PackageName,
        versionCount: Int64,
        latestVersion: PackageVersion?,
        createdAt: Timestamp
    ) {
        self.name = name
        self.versionCount = versionCount
        self.latestVersion = latestVersion
        self.createdAt = createdAt
    }
}
