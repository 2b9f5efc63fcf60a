// SPDX-License-Identifier: Apache-2.0

/// The part of a request's body that came and was not read yet; how large it grows is the windows' business.
struct IncomingBody {
    enum Piece: Equatable {
        case bytes([UInt8])
        /// The body is complete and was read to its end.
        case end
        case failure(BodyFailure)
        /// There is nothing yet.
        case none
    }

    /// Small pieces become one up to this size.
    private static let pieceSize = 64 * 1024

    private var pieces: [[UInt8]] = []
    private var next = 0
    private var failure: BodyFailure?
    private(set) var isComplete = false
    /// How many bytes came in all.
    private(set) var received: Int64 = 0
    /// How many bytes wait to be read.
    private(set) var count = 0

    /// Whether nothing more will come.
    var isOver: Bool { isComplete || failure != nil }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        received += Int64(bytes.count)
        count += bytes.count
        if next < pieces.count, let last = pieces.indices.last, pieces[last].count + bytes.count <= Self.pieceSize {
            // More may follow; to grow step by step would copy it several times.
            if pieces[last].capacity < pieces[last].count + bytes.count { pieces[last].reserveCapacity(Self.pieceSize) }
            return pieces[last].append(contentsOf: bytes)
        }
        pieces.append(Array(bytes))
    }

    /// Takes a large piece as it is.
    mutating func append(_ piece: consuming [UInt8]) {
        received += Int64(piece.count)
        count += piece.count
        pieces.append(piece)
    }

    mutating func complete() {
        if failure == nil { isComplete = true }
    }

    /// What came before is still given, except to a body that is interrupted; a complete body stays what it is.
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

    /// Drops what waits; returns how many bytes that were.
    mutating func removeAll() -> Int {
        defer {
            pieces = []
            next = 0
            count = 0
        }
        return count
    }
}
