// SPDX-License-Identifier: Apache-2.0

import Files
import Glibc
import Loops
import RegistryStorage

/// The input of a command in pieces, which can be read once.
package struct AdminInput: AsyncSequence, Sendable {
    private let pieces: any AsyncSequence<[UInt8], any Error> & Sendable

    /// Creates an input from pieces.
    package init(_ pieces: any AsyncSequence<[UInt8], any Error> & Sendable) {
        self.pieces = pieces
    }

    /// The empty input.
    package static let none = AdminInput(InputPieces(file: nil))

    /// The standard input of this process.
    package static let standard = AdminInput(
        InputPieces(file: OpenFile(borrowing: STDIN_FILENO, path: "standard input"))
    )

    /// Returns the content of a file as input.
    package static func file(_ path: String) throws -> AdminInput {
        AdminInput(InputPieces(file: try OpenFile.open(path, .readUnlinked)))
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(base: pieces.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: any AsyncIteratorProtocol<[UInt8], any Error>

        package mutating func next() async throws -> [UInt8]? {
            try await base.next(isolation: #isolation)
        }
    }
}

/// The bytes of an open file, in pieces.
private struct InputPieces: AsyncSequence, Sendable {
    private static let pieceSize = 256 * 1024
    /// A read may block on another program, and must not delay other work.
    private static let pool = BlockingPool(name: "input", threads: 1)

    /// The file, or nil for no bytes.
    let file: OpenFile?

    func makeAsyncIterator() -> Iterator { Iterator(pieces: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: InputPieces
        mutating func next() async throws -> [UInt8]? {
            guard let file = pieces.file else { return nil }
            while true {
                try Task.checkCancellation()
                guard try await InputPieces.pool.complete({ InputPieces.isReady(file) }) else { continue }
                return try await InputPieces.pool.complete { try InputPieces.read(file) }
            }
        }
    }

    /// Whether a read returns immediately; waits at most 100 ms, so that the caller can be cancelled.
    private static func isReady(_ file: OpenFile) -> Bool {
        var wanted = pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 100) != 0
    }

    private static func read(_ file: OpenFile) throws -> [UInt8]? {
        do {
            let bytes = try file.readNext(pieceSize)
            return bytes.isEmpty ? nil : bytes
        } catch let error as FileError {
            throw DataDirectoryError(description: "cannot read the input: \(error.reason); check the file")
        }
    }
}
