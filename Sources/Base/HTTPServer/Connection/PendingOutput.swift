// SPDX-License-Identifier: Apache-2.0

/// The bytes that a socket has not accepted yet, in order.
struct PendingOutput {
    private var pieces: [[UInt8]] = []
    private var first = 0
    private var offset = 0
    /// The number of pending bytes.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ piece: [UInt8]) {
        guard !piece.isEmpty else { return }
        pieces.append(piece)
        count += piece.count
    }

    /// Passes the next bytes to a function and removes the number it returns.
    mutating func send(_ take: (UnsafeRawBufferPointer) -> Int) {
        guard first < pieces.count else { return }
        let taken = pieces[first].withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
        guard taken > 0 else { return }
        offset += taken
        count -= taken
        if offset == pieces[first].count {
            pieces[first] = []
            first += 1
            offset = 0
        }
        if first == pieces.count {
            pieces = []
            first = 0
        }
    }

    mutating func removeAll() { self = PendingOutput() }
}
