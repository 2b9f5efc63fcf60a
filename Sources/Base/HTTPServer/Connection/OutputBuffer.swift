// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A buffer that gathers the output of one event for a single system call.
///
/// It belongs to an event loop and serves one connection at a time. Between events it is empty.
// Owns its memory and is confined to its loop's thread.
final class OutputBuffer {
    /// The number of buffered bytes at which producers stop.
    static let highWater = 256 * 1024
    /// The capacity in bytes; a producer that checks `highWater` first may always add the difference.
    static let capacity = 1024 * 1024

    private let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    private(set) var count = 0

    deinit { memory.deallocate() }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count >= Self.highWater }
    var room: Int { Self.capacity - count }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }

    /// Appends bytes, which must fit.
    func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= room, "output exceeds the buffer")
        guard let base = bytes.baseAddress else { return }
        memcpy(memory + count, base, bytes.count)
        count += bytes.count
    }

    /// Appends bytes, which must fit.
    func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// Appends the bytes that `fill` writes into `size` bytes of space, and returns their number.
    @discardableResult
    func append(upTo size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        precondition(size <= room, "output exceeds the buffer")
        let written = fill(UnsafeMutableRawBufferPointer(start: memory + count, count: size))
        if written > 0 { count += written }
        return written
    }

    /// Overwrites bytes that were appended before.
    func replace(at offset: Int, _ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, offset + bytes.count <= count else { return }
        memcpy(memory + offset, base, bytes.count)
    }

    /// Removes all bytes.
    func removeAll() { count = 0 }
}
