// SPDX-License-Identifier: Apache-2.0

import Crypto
package import NIOCore
package import RegistryCore

/// Digests of one stream of bytes, each byte read once: always SHA-256, others on request.
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

    /// Adds all readable bytes of a buffer.
    package mutating func update(_ buffer: ByteBuffer) {
        unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe sha256.update(bufferPointer: bytes)
            unsafe md5?.update(bufferPointer: bytes)
            unsafe sha1?.update(bufferPointer: bytes)
            unsafe sha512?.update(bufferPointer: bytes)
        }
    }

    /// The digests of all bytes so far.
    package func finish() throws -> ContentDigests {
        ContentDigests(
            sha256: try RegistryCore.Digest(.sha256, bytes: Array(sha256.finalize())),
            md5: try md5.map { try RegistryCore.Digest(.md5, bytes: Array($0.finalize())) },
            sha1: try sha1.map { try RegistryCore.Digest(.sha1, bytes: Array($0.finalize())) },
            sha512: try sha512.map { try RegistryCore.Digest(.sha512, bytes: Array($0.finalize())) }
        )
    }
}
