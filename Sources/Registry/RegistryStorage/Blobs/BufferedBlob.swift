// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Small content that was read whole when it was opened.
package struct BufferedBlob: OpenBlob {
    /// Content up to this size is worth it: to send bytes costs less than to open a file or an answer for them.
    package static let largestSize: Int64 = 64 * 1024

    private let bytes: ByteBuffer

    package init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    package var sizeInBytes: Int64 { Int64(bytes.readableBytes) }
    package var localFile: LocalFile? { nil }

    package func read(_ range: Range<Int64>) -> any AsyncSequence<ByteBuffer, any Error> & Sendable {
        BufferedPiece(bytes: bytes, range: range)
    }
}

/// A range of bytes in memory as a sequence of one piece.
private struct BufferedPiece: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let bytes: ByteBuffer
    var range: Range<Int64>

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> ByteBuffer? {
        guard !range.isEmpty else { return nil }
        let start = bytes.readerIndex + Int(range.lowerBound)
        guard let piece = bytes.getSlice(at: start, length: range.count) else {
            throw BlobStoreError(.missing, "content ends at byte \(bytes.readableBytes)")
        }
        range = range.upperBound..<range.upperBound
        return piece
    }
}
