// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The written but unsent pieces of a streamed body.
struct OutgoingPieces {
    /// The number of buffered bytes at which a writer waits.
    static let highWater = 64 * 1024

    private var pieces: [[UInt8]] = []
    private var next = 0
    /// The offset of the unsent rest in the first piece.
    private var offset = 0
    private(set) var count = 0
    /// Whether no more pieces will follow.
    var isEnded = false

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        pieces.append(bytes)
        count += bytes.count
    }

    /// Moves the first bytes into a buffer; at least that many must be available.
    mutating func move(to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count <= count, "more bytes than available")
        count -= target.count
        var filled = 0
        while filled < target.count {
            let length = min(pieces[next].count - offset, target.count - filled)
            pieces[next].withUnsafeBytes { piece in
                UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + length])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[offset..<offset + length]))
            }
            filled += length
            offset += length
            if offset == pieces[next].count { removeFirst() }
        }
    }

    private mutating func removeFirst() {
        pieces[next] = []
        next += 1
        offset = 0
        guard next == pieces.count else { return }
        pieces.removeAll(keepingCapacity: true)
        next = 0
    }
}
