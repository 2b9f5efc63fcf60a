// SPDX-License-Identifier: Apache-2.0

import Crypto
import NIOCore
import RegistryCore

/// How much of a file has arrived, with the hash of just that.
struct ReceivedContent {
    private(set) var count: Int64 = 0
    private var hash = SHA256()

    /// Adds the next bytes.
    mutating func append(_ piece: ByteBuffer) {
        hash.update(data: Array(piece.readableBytesView))
        count += Int64(piece.readableBytes)
    }

    /// The SHA-256 of all bytes so far.
    func digest() throws -> RegistryCore.Digest {
        try RegistryCore.Digest(.sha256, bytes: Array(hash.finalize()))
    }
}
