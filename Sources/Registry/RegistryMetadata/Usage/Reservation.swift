// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Room that an upload wants to reserve before its body is received.
package struct NewReservation: Sendable {
    package let id: UploadID
    package let owner: Int64
    /// The size of the body, if it was announced.
    package let size: Int64?
    /// The digest that the client stated: content that the owner already has needs no room.
    package let sha256: Digest?
    /// The version that the upload would create; nil if it exists.
    package let newVersion: VersionCoordinate?

    package init(id: UploadID, owner: Int64, size: Int64?, sha256: Digest?, newVersion: VersionCoordinate?) {
        self.id = id
        self.owner = owner
        self.size = size
        self.sha256 = sha256
        self.newVersion = newVersion
    }
}

/// The outcome of an attempt to reserve room.
package enum ReservationOutcome: Hashable, Sendable {
    /// The upload may receive this many bytes.
    case reserved(upTo: Int64)
    case overQuota(QuotaBreach)
    /// The owner has as many incomplete uploads of several requests as it may have.
    case tooManyUploads(limit: Int64)

    var isFull: Bool {
        if case .reserved = self { false } else { true }
    }
}

/// The number of incomplete uploads of several requests that an owner may have; nil for any number.
struct UploadBound: Hashable, Sendable {
    let limit: Int64?
}
