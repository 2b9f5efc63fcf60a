// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// A file with durable content that is to be published or put into a draft.
package struct NewFile: Sendable {
    package let coordinate: FileCoordinate
    package let owner: Int64
    package let creator: Int64
    /// The creator's credential to check again; nil if no check is needed.
    package let credential: Credential?
    package let sha256: Digest
    package let sizeInBytes: Int64
    /// The key of this upload's own copy of the content.
    package let key: BlobKey
    /// The key of an existing blob whose content is missing or damaged and that this copy replaces.
    package let healing: BlobKey?
    /// Whether the file may join a published version.
    package let mayJoinVersion: Bool
    /// The quotas of the settings, which the owner's own limits override.
    package let quotas: Quotas
    /// The reservation of the upload's room.
    package let reservation: UploadID?
    /// The upload of several requests that the file completes.
    package let completing: UploadID?

    package init(
        coordinate: FileCoordinate,
        owner: Int64,
        creator: Int64,
        credential: Credential? = nil,
        sha256: Digest,
        sizeInBytes: Int64,
        key: BlobKey,
        healing: BlobKey?,
        mayJoinVersion: Bool,
        quotas: Quotas = Quotas(),
        reservation: UploadID? = nil,
        completing: UploadID? = nil
    ) {
        self.coordinate = coordinate
        self.owner = owner
        self.creator = creator
        self.credential = credential
        self.sha256 = sha256
        self.sizeInBytes = sizeInBytes
        self.key = key
        self.healing = healing
        self.mayJoinVersion = mayJoinVersion
        self.quotas = quotas
        self.reservation = reservation
        self.completing = completing
    }
}

/// The outcome of a transaction that publishes a file or puts it into a draft.
package enum RecordOutcome: Hashable, Sendable {
    /// The file is visible; this is the key of its content, which may be that of an equal blob.
    case created(key: BlobKey)
    /// The version or the file exists already; nothing was changed.
    case exists(Occupant)
    /// A quota leaves no room for the file; nothing was changed.
    case overQuota(QuotaBreach)
    /// The owner has as many drafts as it may have, none of this version; nothing was changed.
    case tooManyDrafts(limit: Int64)
    /// The publisher's access was withdrawn; nothing was changed.
    case refused(PublishRefusal)

    var isFull: Bool {
        switch self {
        case .overQuota, .tooManyDrafts: true
        default: false
        }
    }
}
