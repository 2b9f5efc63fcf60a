// SPDX-License-Identifier: Apache-2.0

package import Loops

extension LocalFile {
    /// Returns a range of the file in pieces of bounded size, each read on demand.
    package func pieces(_ range: Range<Int64>, on pool: BlockingPool) -> LocalFilePieces {
        LocalFilePieces(file: self, range: range, pool: pool)
    }
}

/// The pieces of a range of a file; throws before the last one when the file ends early.
package struct LocalFilePieces: AsyncSequence, Sendable {
    /// The size of a piece: large enough to amortize the hop to the pool, small enough for hundreds of slow readers.
    private static let pieceSizeInBytes: Int64 = 128 * 1024

    fileprivate let file: LocalFile
    fileprivate let range: Range<Int64>
    fileprivate let pool: BlockingPool

    package func makeAsyncIterator() -> Iterator {
        Iterator(file: file, rest: range, pool: pool)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let file: LocalFile
        fileprivate var rest: Range<Int64>
        fileprivate let pool: BlockingPool

        package mutating func next() async throws -> [UInt8]? {
            guard !rest.isEmpty else { return nil }
            let offset = rest.lowerBound
            let count = Int(Swift.min(pieceSizeInBytes, Int64(rest.count)))
            let piece = try await pool.complete { [file] in try file.read(at: offset, count: count) }
            guard piece.count == count else {
                throw BlobStoreError(.missing, "content ends at byte \(offset + Int64(piece.count))")
            }
            rest = (offset + Int64(count))..<rest.upperBound
            return piece
        }
    }
}
