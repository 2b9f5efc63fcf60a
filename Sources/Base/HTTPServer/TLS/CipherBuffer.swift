// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A buffer that gathers the encrypted records of one event for a single send(2).
///
/// The connections of a loop share one buffer and use it in turn. A connection must flush its records before the next one's turn. Records
/// that do not fit are sent immediately. Large files benefit as well: copying costs less than a system call per 16 KiB record.
final class CipherBuffer {
    private let bytes: UnsafeMutableRawBufferPointer
    private var count = 0
    /// The connection whose records are buffered, which removes them before it ends.
    private unowned(unsafe) var owner: TLSConnection?

    init(capacity: Int = 128 << 10) {
        bytes = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { bytes.deallocate() }

    var capacity: Int { bytes.count }

    /// Returns the buffered records of a connection; valid until the next change.
    func records(of connection: TLSConnection) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[..<(owner === connection ? count : 0)])
    }

    /// Appends a connection's record; returns false when it does not fit.
    func append(_ record: UnsafeRawBufferPointer, of connection: TLSConnection) -> Bool {
        if let owner, owner !== connection {
            assertionFailure("another connection's records were not flushed")
            owner.flush()
        }
        guard count + record.count <= bytes.count, let start = bytes.baseAddress, let source = record.baseAddress else {
            return false
        }
        owner = connection
        memcpy(start + count, source, record.count)
        count += record.count
        return true
    }

    /// Removes a connection's records after they are sent, or when the connection ends.
    func removeAll(of connection: TLSConnection) {
        guard owner === connection else { return }
        count = 0
        owner = nil
    }
}
