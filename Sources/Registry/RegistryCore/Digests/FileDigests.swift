// SPDX-License-Identifier: Apache-2.0

/// All digests of a file's content.
package struct FileDigests: Hashable, Sendable {
    package let md5: Digest
    package let sha1: Digest
    package let sha256: Digest
    package let sha512: Digest

    /// Creates a set of one digest per algorithm.
    package init(md5: Digest, sha1: Digest, sha256: Digest, sha512: Digest) {
        assert(
            [md5, sha1, sha256, sha512].map(\.algorithm) == DigestAlgorithm.allCases,
            "each digest must be of the algorithm it is passed for"
        )
        self.md5 = md5
        self.sha1 = sha1
        self.sha256 = sha256
        self.sha512 = sha512
    }

    /// Returns the digest of one algorithm.
    package subscript(algorithm: DigestAlgorithm) -> Digest {
        switch algorithm {
        case .md5: md5
        case .sha1: sha1
        case .sha256: sha256
        case .sha512: sha512
        }
    }
}
