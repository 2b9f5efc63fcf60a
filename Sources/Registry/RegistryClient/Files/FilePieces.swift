// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The content of a local file as a sequence of pieces, from an offset to exactly the file's recorded size.
struct FilePieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    static let pieceSize: Int64 = 1 << 20

    let file: LocalFile
    let start: Int64
    let progress: TransferProgress

    func makeAsyncIterator() -> Iterator {
        Iterator(file: file, progress: progress, offset: start)
    }

    struct Iterator: AsyncIteratorProtocol {
        let file: LocalFile
        let progress: TransferProgress
        var offset: Int64

        mutating func next() async throws -> [UInt8]? {
            try Task.checkCancellation()
            let wanted = Swift.min(FilePieces.pieceSize, file.sizeInBytes - offset)
            guard wanted > 0 else { return nil }
            let piece = try await file.file.read(at: offset, count: Int(wanted))
            guard piece.count == Int(wanted) else {
                throw ClientError(
                    .io,
                    "\(file.path.quoted()) became shorter while it was read; wait until it is complete"
                )
            }
            offset += wanted
            progress(offset, file.sizeInBytes)
            return piece
        }
    }
}
