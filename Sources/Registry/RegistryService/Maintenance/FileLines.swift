// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RegistryMetadata
import RegistryStorage

/// The lines of a local file, read in pieces; every call blocks.
struct FileLines: Sendable {
    private static let pieceSize = 256 * 1024
    /// No row is nearly as long.
    private static let longestLine = 1 << 20

    private let file: LocalFile
    private var offset: Int64 = 0
    private var buffer = ByteBuffer()

    init(_ file: LocalFile) {
        self.file = file
    }

    /// The next line without its end; nil behind the last whole one.
    mutating func next() throws -> [UInt8]? {
        while true {
            if let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer.readBytes(length: end - buffer.readerIndex)
                buffer.moveReaderIndex(forwardBy: 1)
                return line
            }
            guard buffer.readableBytes <= Self.longestLine else {
                throw ImportRefused("the file has a line that is too long: it is not an export of a registry")
            }
            var piece = try file.read(at: offset, count: Self.pieceSize)
            if piece.readableBytes == 0 { return nil }
            offset += Int64(piece.readableBytes)
            buffer.discardReadBytes()
            buffer.writeBuffer(&piece)
        }
    }
}
