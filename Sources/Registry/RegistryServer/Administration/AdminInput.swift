// SPDX-License-Identifier: Apache-2.0

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
    package static let none = AdminInput(DescriptorPieces(file: nil, descriptor: -1))

    /// The standard input of this process.
    package static let standard = AdminInput(DescriptorPieces(file: nil, descriptor: STDIN_FILENO))

    /// Returns the content of a file as input.
    package static func file(_ path: String) throws -> AdminInput {
        let file = try LocalFile.openForReading(path)
        return AdminInput(DescriptorPieces(file: file, descriptor: file.descriptor))
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

/// The bytes of an open descriptor, in pieces.
private struct DescriptorPieces: AsyncSequence, Sendable {
    private static let pieceSize = 256 * 1024
    /// A read may block on another program, and must not delay other work.
    private static let pool = BlockingPool(name: "input", threads: 1)

    /// A reference that keeps the descriptor open.
    let file: LocalFile?
    let descriptor: Int32

    func makeAsyncIterator() -> Iterator { Iterator(pieces: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: DescriptorPieces
        mutating func next() async throws -> [UInt8]? {
            guard pieces.descriptor >= 0 else { return nil }
            while true {
                try Task.checkCancellation()
                let pieces = pieces
                guard try await DescriptorPieces.pool.complete({ pieces.isReady }) else { continue }
                return try await DescriptorPieces.pool.complete { try pieces.read() }
            }
        }
    }

    /// Whether a read returns immediately; waits at most 100 ms, so that the caller can be cancelled.
    private var isReady: Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 100) != 0
    }

    private func read() throws -> [UInt8]? {
        var code: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { space, count in
            while true {
                let got = unsafe Glibc.read(descriptor, space.baseAddress, space.count)
                count = Swift.max(got, 0)
                code = got < 0 ? errno : 0
                if code != EINTR { return }
            }
        }
        guard code == 0 else {
            throw DataDirectoryError(description: "cannot read the input (error \(code)): check the file")
        }
        return bytes.isEmpty ? nil : bytes
    }
}
