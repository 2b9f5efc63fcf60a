// SPDX-License-Identifier: Apache-2.0

/// Bytes that a socket did not take yet, in their order.
struct PendingOutput {
    private var pieces: [[UInt8]] = []
    private var first = 0
    private var offset = 0
    /// How many bytes wait.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ piece: [UInt8]) {
        guard !piece.isEmpty else { return }
        pieces.append(piece)
        count += piece.count
    }

    /// Gives the bytes to send next to a function, and removes as many as it says that it took.
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
