// SPDX-License-Identifier: Apache-2.0

import Digests
import RegistryCore

/// The received part of a file, as its size and running hash.
struct ReceivedContent {
    private(set) var count: Int64 = 0
    private var hash = SHA256()

    /// Adds the next bytes.
    mutating func append(_ piece: [UInt8]) {
        hash.update(data: piece)
        count += Int64(piece.count)
    }

    /// Returns the SHA-256 of all bytes so far.
    func digest() throws -> Digest {
        try Digest(.sha256, bytes: hash.finalize())
    }
}
