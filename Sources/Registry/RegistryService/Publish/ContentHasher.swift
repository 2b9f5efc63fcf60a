// SPDX-License-Identifier: Apache-2.0

import Digests
package import RegistryCore

/// The digests of one stream of bytes, each byte read once: always SHA-256, others on request.
package struct ContentHasher: Sendable {
    private var sha256 = SHA256()
    private var md5: Insecure.MD5?
    private var sha1: Insecure.SHA1?
    private var sha512: SHA512?

    package init(also algorithms: Set<DigestAlgorithm> = []) {
        if algorithms.contains(.md5) { md5 = Insecure.MD5() }
        if algorithms.contains(.sha1) { sha1 = Insecure.SHA1() }
        if algorithms.contains(.sha512) { sha512 = SHA512() }
    }

    /// Adds bytes.
    package mutating func update(_ bytes: [UInt8]) {
        sha256.update(data: bytes)
        md5?.update(data: bytes)
        sha1?.update(data: bytes)
        sha512?.update(data: bytes)
    }

    /// Returns the digests of all bytes so far.
    package func finish() throws -> ContentDigests {
        ContentDigests(
            sha256: try Digest(.sha256, bytes: sha256.finalize()),
            md5: try md5.map { try Digest(.md5, bytes: $0.finalize()) },
            sha1: try sha1.map { try Digest(.sha1, bytes: $0.finalize()) },
            sha512: try sha512.map { try Digest(.sha512, bytes: $0.finalize()) }
        )
    }
}

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
