// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// An upload of several requests that is to begin.
package struct NewUpload: Sendable {
    package let id: UploadID
    package let file: FileCoordinate
    package let owner: Int64
    package let isDraft: Bool
    /// The size of the whole file; nil when the client states it later.
    package let sizeInBytes: Int64?
    /// The digests that the client stated for the whole file.
    package let digests: ExpectedDigests
    /// The version that it would create; nil if it exists.
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

/// A piece of an upload, stored under its own key.
package struct UploadPart: Hashable, Sendable {
    package let key: BlobKey
    /// The offset of its first byte in the file.
    package let start: Int64
    package let sizeInBytes: Int64

    package init(key: BlobKey, start: Int64, sizeInBytes: Int64) {
        self.key = key
        self.start = start
        self.sizeInBytes = sizeInBytes
    }
}
