// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

/// Room that an upload wants to set aside before its body is taken.
package struct NewReservation: Sendable {
    package let id: UploadID
    package let owner: Int64
    /// The size of the body, if it was announced.
    package let size: Int64?
    /// The digest that the client stated: content that the owner has already needs no room.
    package let sha256: Digest?
    /// The version that the upload would make; nil when that is there.
    package let newVersion: VersionCoordinate?

    package init(id: UploadID, owner: Int64, size: Int64?, sha256: Digest?, newVersion: VersionCoordinate?) {
        self.id = id
        self.owner = owner
        self.size = size
        self.sha256 = sha256
        self.newVersion = newVersion
    }
}

/// How the attempt to set room aside ended.
package enum ReservationOutcome: Hashable, Sendable {
    /// The upload may take so many bytes.
    case reserved(upTo: Int64)
    case overQuota(QuotaBreach)
    /// The owner has so many uploads of several requests that are not complete.
    case tooManyUploads(limit: Int64)

    var isFull: Bool {
        if case .reserved = self { false } else { true }
    }
}

/// How many uploads of several requests an owner may have that are not complete; nil for any number.
struct UploadBound: Hashable, Sendable {
    let limit: Int64?
}

extension VersionCoordinate {
    /// What reservations of uploads that would make the same version have in common.
    func reservationKey(ofOwner id: Int64) -> String { "\(id)/\(package.folded)/\(version.folded)" }
}
