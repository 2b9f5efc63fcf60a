// SPDX-License-Identifier: Apache-2.0

import Glibc
package import NIOCore
import NIOPosix
import RegistryStorage

/// What a command reads besides its command line, in pieces; read once.
package struct AdminInput: AsyncSequence, Sendable {
    private let pieces: any AsyncSequence<ByteBuffer, any Error> & Sendable

    /// Takes pieces over.
    package init(_ pieces: any AsyncSequence<ByteBuffer, any Error> & Sendable) {
        self.pieces = pieces
    }

    /// Nothing.
    package static let none = AdminInput(DescriptorPieces(file: nil, descriptor: -1))

    /// Standard input to its end.
    package static let standard = AdminInput(DescriptorPieces(file: nil, descriptor: STDIN_FILENO))

    /// A file to its end.
    package static func file(_ path: String) throws -> AdminInput {
        let file = try LocalFile.openForReading(path)
        return AdminInput(DescriptorPieces(file: file, descriptor: file.descriptor))
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(base: pieces.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: any AsyncIteratorProtocol<ByteBuffer, any Error>

        @concurrent
        package mutating func next() async throws -> ByteBuffer? {
            try await base.next()
        }
    }
}

/// What an open descriptor gives until its end.
private struct DescriptorPieces: AsyncSequence, Sendable {
    private static let pieceSize = 256 * 1024

    /// Keeps the descriptor open.
    let file: LocalFile?
    let descriptor: Int32

    func makeAsyncIterator() -> Iterator { Iterator(pieces: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: DescriptorPieces

        mutating func next() async throws -> ByteBuffer? {
            guard pieces.descriptor >= 0 else { return nil }
            return try await NIOThreadPool.singleton.complete { [pieces] in try pieces.read() }
        }
    }

    private func read() throws -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: Self.pieceSize)
        var code: Int32 = 0
        let count = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
            while true {
                let count = unsafe Glibc.read(descriptor, space.baseAddress, space.count)
                if count >= 0 { return count }
                code = errno
                if code != EINTR { return 0 }
            }
        }
        guard code == 0 || code == EINTR else {
            throw DataDirectoryError(description: "could not read the input (error \(code)): check the file")
        }
        return count > 0 ? buffer : nil
    }
}
