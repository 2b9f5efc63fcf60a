// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// A fixed range of a local file's content, as a sequence of pieces.
struct FilePieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    static let pieceSize: Int64 = 1 << 20

    let file: SourceFile
    let range: Range<Int64>
    let progress: TransferProgress

    func makeAsyncIterator() -> Iterator {
        Iterator(file: file, progress: progress, rest: range)
    }

    struct Iterator: AsyncIteratorProtocol {
        let file: SourceFile
        let progress: TransferProgress
        var rest: Range<Int64>

        mutating func next() async throws -> [UInt8]? {
            try Task.checkCancellation()
            let wanted = Swift.min(FilePieces.pieceSize, Int64(rest.count))
            guard wanted > 0 else { return nil }
            let piece = try await file.file.read(at: rest.lowerBound, count: Int(wanted))
            guard piece.count == Int(wanted) else {
                throw ClientError(
                    .io,
                    "\(file.path.quoted()) was truncated while it was read; wait until it is complete"
                )
            }
            rest = rest.lowerBound + wanted..<rest.upperBound
            progress(rest.lowerBound, file.sizeInBytes)
            return piece
        }
    }
}
