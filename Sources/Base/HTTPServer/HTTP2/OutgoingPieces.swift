// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What was written to a streamed body and waits to be sent.
struct OutgoingPieces {
    /// Whoever writes waits while so many bytes are there.
    static let highWater = 64 * 1024

    private var pieces: [[UInt8]] = []
    private var next = 0
    /// Where the rest of the next piece begins.
    private var offset = 0
    private(set) var count = 0
    /// Whether nothing more will be written.
    var isEnded = false

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        pieces.append(bytes)
        count += bytes.count
    }

    /// Moves the first bytes out; there must be as many.
    mutating func move(to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count <= count, "more bytes than wait")
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
