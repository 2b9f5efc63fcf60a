// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// A version before it is published.
package struct StoredDraft: Hashable, Sendable {
    package let id: Int64
    package let package: PackageName
    package let version: PackageVersion
    /// The name of the account that began it; nil when that is gone.
    package let creator: OwnerName?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let sizeInBytes: Int64
    package let fileCount: Int64

    /// Reads the columns `id, package, version, creator, created_at, expires_at, size, files`.
    init(row: SQLRow) throws {
        id = try row.integer(0)
        package = try PackageName(try row.text(1))
        version = try PackageVersion(try row.text(2))
        creator = try row.optionalText(3).map { try OwnerName($0) }
        createdAt = try row.time(4)
        expiresAt = try row.time(5)
        sizeInBytes = try row.integer(6)
        fileCount = try row.integer(7)
    }
}

/// A file of a draft.
package struct DraftFile: Hashable, Sendable {
    package let name: FileName
    package let sizeInBytes: Int64
    package let sha256: Digest
    package let createdAt: Timestamp
    let blob: Int64
    let key: BlobKey

    /// Reads the columns `name, size, sha256, created_at, blob_id, storage_key`.
    init(row: SQLRow) throws {
        name = try FileName(try row.text(0))
        sizeInBytes = try row.integer(1)
        sha256 = try row.digest(2, .sha256)
        createdAt = try row.time(3)
        blob = try row.integer(4)
        key = try row.blobKey(5)
    }
}
