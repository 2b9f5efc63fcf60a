// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

/// A published file: what its row and its blob's row say.
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

/// What is there already where somebody wants to publish.
package struct Occupant: Hashable, Sendable {
    package let hasVersion: Bool
    /// The file of the same name in that version.
    package let file: StoredFile?

    package init(hasVersion: Bool, file: StoredFile?) {
        self.hasVersion = hasVersion
        self.file = file
    }
}

/// Content that files refer to.
package struct StoredBlob: Hashable, Sendable {
    package let id: Int64
    package let key: BlobKey
    package let sizeInBytes: Int64
    package let sha256: Digest
    /// All four digests; nil until the ones that a publisher need not wait for were computed.
    package let digests: FileDigests?

    package init(id: Int64, key: BlobKey, sizeInBytes: Int64, sha256: Digest, digests: FileDigests?) {
        self.id = id
        self.key = key
        self.sizeInBytes = sizeInBytes
        self.sha256 = sha256
        self.digests = digests
    }

    /// Reads the columns `id, storage_key, size, sha256, md5, sha1, sha512`, beginning at a position.
    init(row: SQLRow, at start: Int) throws {
        id = try row.integer(start)
        key = try row.blobKey(start + 1)
        sizeInBytes = try row.integer(start + 2)
        sha256 = try row.digest(start + 3, .sha256)
        if let md5 = try row.optionalDigest(start + 4, .md5), let sha1 = try row.optionalDigest(start + 5, .sha1),
            let sha512 = try row.optionalDigest(start + 6, .sha512)
        {
            digests = FileDigests(md5: md5, sha1: sha1, sha256: sha256, sha512: sha512)
        } else {
            digests = nil
        }
    }
}

/// A version as it is listed.
package struct StoredVersion: Hashable, Sendable {
    package let id: Int64
    package let version: PackageVersion
    /// The name of the account that published it; nil when that is gone.
    package let creator: OwnerName?
    package let createdAt: Timestamp
    package let fileCount: Int64
    package let sizeInBytes: Int64

    /// Reads the columns `id, version, creator, created_at, files, size`.
    init(row: SQLRow) throws {
        id = try row.integer(0)
        version = try PackageVersion(try row.text(1))
        creator = try row.optionalText(2).map { try OwnerName($0) }
        createdAt = try row.time(3)
        fileCount = try row.integer(4)
        sizeInBytes = try row.integer(5)
    }
}

/// A package as it is listed.
package struct StoredPackage: Hashable, Sendable {
    package let name: PackageName
    package let versionCount: Int64
    package let latestVersion: PackageVersion?
    package let createdAt: Timestamp

    /// Reads the columns `name, versions, latest, created_at`.
    init(row: SQLRow) throws {
        name = try PackageName(try row.text(0))
        versionCount = try row.integer(1)
        latestVersion = try row.optionalText(2).map { try PackageVersion($0) }
        createdAt = try row.time(3)
    }
}
