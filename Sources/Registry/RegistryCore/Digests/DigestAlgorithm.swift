// SPDX-License-Identifier: Apache-2.0

/// A hash function for identifying or verifying content.
package enum DigestAlgorithm: String, CaseIterable, Sendable {
    case md5
    case sha1
    case sha256
    case sha512

    /// The length of a digest in bytes.
    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }
}
