// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The digests that a `ContentHasher` computed; nil for an algorithm that was not requested.
package struct ContentDigests: Hashable, Sendable {
    package let sha256: Digest
    package let md5: Digest?
    package let sha1: Digest?
    package let sha512: Digest?

    /// The digest of one algorithm.
    package subscript(algorithm: DigestAlgorithm) -> Digest? {
        switch algorithm {
        case .md5: md5
        case .sha1: sha1
        case .sha256: sha256
        case .sha512: sha512
        }
    }
}
