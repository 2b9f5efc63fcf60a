// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RegistryStorage

/// An open file of a local store.
struct LocalBlob: OpenBlob {
    let file: LocalFile
    let sizeInBytes: Int64
    let readers: NIOThreadPool

    var localFile: LocalFile? { file }

    func read(_ range: Range<Int64>) -> any AsyncSequence<ByteBuffer, any Error> & Sendable {
        LocalBlobChunks(file: file, range: range, readers: readers)
    }
}

/// The pieces of a range, each read when it is asked for.
private struct LocalBlobChunks: AsyncSequence, Sendable {
    /// Large enough that the hop to the pool costs little, small enough that hundreds of slow readers need little memory.
    private static let chunkSizeInBytes: Int64 = 128 * 1024

    let file: LocalFile
    let range: Range<Int64>
    let readers: NIOThreadPool

    func makeAsyncIterator() -> Iterator {
        Iterator(file: file, rest: range, readers: readers)
    }

    struct Iterator: AsyncIteratorProtocol {
        private let file: LocalFile
        private var rest: Range<Int64>
        private let readers: NIOThreadPool

        init(file: LocalFile, rest: Range<Int64>, readers: NIOThreadPool) {
            self.file = file
            self.rest = rest
            self.readers = readers
        }

        mutating func next() async throws -> ByteBuffer? {
            guard !rest.isEmpty else { return nil }
            let offset = rest.lowerBound
            let count = Int(Swift.min(chunkSizeInBytes, Int64(rest.count)))
            let chunk = try await readers.complete { [file] in try file.read(at: offset, count: count) }
            guard chunk.readableBytes == count else {
                throw BlobStoreError(.missing, "content ends at byte \(offset + Int64(chunk.readableBytes))")
            }
            rest = (offset + Int64(count))..<rest.upperBound
            return chunk
        }
    }
}
