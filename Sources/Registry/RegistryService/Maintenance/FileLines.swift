// SPDX-License-Identifier: Apache-2.0

import RegistryMetadata
import RegistryStorage

/// The lines of a local file, read in chunks; every call blocks.
struct FileLines: Sendable {
    private static let pieceSize = 256 * 1024
    /// Far longer than any row.
    private static let longestLine = 1 << 20

    private let file: LocalFile
    private var offset: Int64 = 0
    private var buffer: [UInt8] = []
    /// The position of the next line in the buffer.
    private var start = 0

    init(_ file: LocalFile) {
        self.file = file
    }

    /// Returns the next line without its line end; nil after the last complete one.
    mutating func next() throws -> [UInt8]? {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            guard buffer.count - start <= Self.longestLine else {
                throw ImportRefused("line too long: the file is not an export of a registry")
            }
            let piece = try file.read(at: offset, count: Self.pieceSize)
            if piece.isEmpty { return nil }
            offset += Int64(piece.count)
            buffer.removeFirst(start)
            start = 0
            buffer += piece
        }
    }
}
