// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Bytes on their way out, gathered during one event so that they cost one system call.
///
/// It belongs to an event loop and serves one connection at a time: between two events it is empty.
// The memory is the buffer's own, and used on its loop's thread alone.
final class OutputBuffer {
    /// Producers stop when so many bytes are waiting.
    static let highWater = 256 * 1024
    /// How many bytes there is room for: a producer that looks at `highWater` first may always add this much less that.
    static let capacity = 1024 * 1024

    private let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    private(set) var count = 0

    deinit { memory.deallocate() }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count >= Self.highWater }
    var room: Int { Self.capacity - count }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }

    /// Adds bytes, for which there must be room.
    func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= room, "output beyond the buffer")
        guard let base = bytes.baseAddress else { return }
        memcpy(memory + count, base, bytes.count)
        count += bytes.count
    }

    /// Adds bytes, for which there must be room.
    func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// Adds what `fill` writes into `size` bytes of room, and says so; returns what it returned.
    @discardableResult
    func append(upTo size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        precondition(size <= room, "output beyond the buffer")
        let written = fill(UnsafeMutableRawBufferPointer(start: memory + count, count: size))
        if written > 0 { count += written }
        return written
    }

    /// Writes over bytes that were added before.
    func replace(at offset: Int, _ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, offset + bytes.count <= count else { return }
        memcpy(memory + offset, base, bytes.count)
    }

    /// Drops everything.
    func removeAll() { count = 0 }
}
