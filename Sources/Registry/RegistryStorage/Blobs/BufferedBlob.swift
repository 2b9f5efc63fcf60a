// SPDX-License-Identifier: Apache-2.0

/// Small content that is read completely when it is opened.
package struct BufferedBlob: OpenBlob {
    /// The size up to which buffering pays off: sending bytes costs less than opening a file or a response for them.
    package static let largestSize: Int64 = 64 * 1024

    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var sizeInBytes: Int64 { Int64(bytes.count) }
    package var localFile: LocalFile? { nil }

    package func read(_ range: Range<Int64>) -> any AsyncSequence<[UInt8], any Error> & Sendable {
        BufferedPiece(bytes: bytes, range: range)
    }
}

/// A range of bytes in memory as a sequence of one piece.
private struct BufferedPiece: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let bytes: [UInt8]
    var range: Range<Int64>

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> [UInt8]? {
        guard !range.isEmpty else { return nil }
        guard range.upperBound <= bytes.count else {
            throw BlobStoreError(.missing, "content ends at byte \(bytes.count)")
        }
        defer { range = range.upperBound..<range.upperBound }
        return range.count == bytes.count ? bytes : Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }
}
