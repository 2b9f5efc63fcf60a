// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The content of a response, piece by piece.
extension HTTP2Stream {
    /// The number of file bytes that are read before they are sent.
    private static let fileBatch = 64 * 1024

    /// Sets the content that follows the head.
    func set(_ body: ResponseBody) {
        switch body {
        case .none: return
        case .bytes(let bytes):
            content = .bytes(bytes)
            end = Int64(bytes.count)
        case .file(let file, let range):
            content = .file(file)
            offset = range.lowerBound
            end = range.upperBound
        case .stream(let length, _):
            content = .pieces
            end = length
        }
    }

    /// Whether the response has content, or may have.
    var hasContent: Bool {
        if case .none = content { return false }
        return end.map { $0 > offset } ?? true
    }

    /// The number of buffered output bytes at which this content must wait.
    var batch: Int {
        if case .file = content { return Self.fileBatch }
        return OutputBuffer.highWater
    }

    /// Returns the size of the next frame and whether it is the last; size 0 and not last means that no data is available yet.
    func next(atMost most: Int) -> (count: Int, isLast: Bool) {
        switch content {
        case .none: return (0, true)
        case .bytes, .file:
            let rest = (end ?? offset) - offset
            let count = Int(min(rest, Int64(most)))
            return (count, Int64(count) == rest)
        case .pieces:
            guard let exchange else { return (0, false) }
            let count = min(exchange.outgoing.count, most)
            if let end { return (count, offset + Int64(count) == end) }
            return (count, exchange.outgoing.isEnded && count == exchange.outgoing.count)
        }
    }

    /// Fills the buffer with the next bytes; returns false when the content has become too short.
    func read(into target: UnsafeMutableRawBufferPointer) -> Bool {
        switch content {
        case .none: return target.isEmpty
        case .bytes(let bytes):
            guard Int(offset) + target.count <= bytes.count else { return false }
            bytes.withUnsafeBytes { bytes in
                target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[Int(offset)..<Int(offset) + target.count])
                )
            }
        case .file(let file):
            guard readFile(file.descriptor, into: target) else { return false }
        case .pieces:
            guard let exchange, exchange.outgoing.count >= target.count else { return false }
            exchange.outgoing.move(to: target)
        }
        offset += Int64(target.count)
        return true
    }

    private func readFile(_ descriptor: Int32, into target: UnsafeMutableRawBufferPointer) -> Bool {
        var filled = 0
        while filled < target.count {
            guard let base = target.baseAddress else { return false }
            let count = pread(descriptor, base + filled, target.count - filled, off_t(offset) + off_t(filled))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            filled += count
        }
        return true
    }
}
