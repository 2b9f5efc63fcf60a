// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryStorage

/// An open file of a local store.
struct LocalBlob: OpenBlob {
    let file: LocalFile
    let sizeInBytes: Int64
    let readers: BlockingPool

    var localFile: LocalFile? { file }

    func read(_ range: Range<Int64>) -> any AsyncSequence<[UInt8], any Error> & Sendable {
        file.pieces(range, on: readers)
    }
}
