// SPDX-License-Identifier: Apache-2.0

import Digests
import Loops
import RegistryCore
import RegistryStorage

/// A range of a staged file with the digests that verify its transfer.
struct FilePart: Sendable {
    let file: LocalFile
    let range: Range<Int64>
    let sha256: Digest
    let md5: Digest

    /// Reads the range once to compute its digests; memory use does not depend on its size.
    init(_ file: LocalFile, _ range: Range<Int64>, on pool: BlockingPool) async throws {
        var sha256 = SHA256()
        var md5 = Insecure.MD5()
        for try await piece in file.pieces(range, on: pool) {
            try Task.checkCancellation()
            sha256.update(data: piece)
            md5.update(data: piece)
        }
        self.file = file
        self.range = range
        self.sha256 = try Digest(.sha256, bytes: sha256.finalize())
        self.md5 = try Digest(.md5, bytes: md5.finalize())
    }
}
