// SPDX-License-Identifier: Apache-2.0

/// The received part of a request body that is not read yet; flow control bounds its size.
struct RequestBodyBuffer {
    enum Piece: Equatable {
        case bytes([UInt8])
        /// The body is complete and has been read entirely.
        case end
        case failure(BodyFailure)
        /// No data is available yet.
        case none
    }

    /// The size up to which small pieces are merged.
    private static let pieceSize = 64 * 1024

    private var pieces: [[UInt8]] = []
    private var next = 0
    private var failure: BodyFailure?
    private(set) var isComplete = false
    /// The total number of bytes received.
    private(set) var received: Int64 = 0
    /// The number of unread bytes.
    private(set) var count = 0

    /// Whether no more bytes will follow.
    var isOver: Bool { isComplete || failure != nil }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        received += Int64(bytes.count)
        count += bytes.count
        if next < pieces.count, let last = pieces.indices.last, pieces[last].count + bytes.count <= Self.pieceSize {
            // More bytes may follow, and growing step by step would copy them repeatedly.
            if pieces[last].capacity < pieces[last].count + bytes.count { pieces[last].reserveCapacity(Self.pieceSize) }
            return pieces[last].append(contentsOf: bytes)
        }
        pieces.append(Array(bytes))
    }

    /// Appends a large piece without merging it.
    mutating func append(_ piece: consuming [UInt8]) {
        received += Int64(piece.count)
        count += piece.count
        pieces.append(piece)
    }

    mutating func complete() {
        if failure == nil { isComplete = true }
    }

    /// Fails an incomplete body; buffered bytes remain readable, except after an interruption.
    mutating func fail(_ reason: BodyFailure) {
        guard failure == nil else { return }
        if reason == .interrupted {
            failure = reason
            _ = removeAll()
        } else if !isComplete {
            failure = reason
        }
    }

    mutating func take() -> Piece {
        if next < pieces.count {
            let piece = pieces[next]
            pieces[next] = []
            next += 1
            if next == pieces.count {
                pieces.removeAll(keepingCapacity: true)
                next = 0
            }
            count -= piece.count
            return .bytes(piece)
        }
        if let failure { return .failure(failure) }
        return isComplete ? .end : .none
    }

    /// Removes all unread bytes and returns their number.
    mutating func removeAll() -> Int {
        defer {
            pieces = []
            next = 0
            count = 0
        }
        return count
    }
}
