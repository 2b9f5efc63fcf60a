// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The cipher records of one event, gathered so that they cost one call of send(2).
///
/// A loop has one, and its connections fill it in turn: whoever fills it flushes it before the next one's turn. What does
/// not fit is sent meanwhile. Large files gain, too: copying costs less than a call for each record of 16 KiB.
final class CipherBuffer {
    private let bytes: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Whose records it holds, while it holds any; that connection drops them before it ends.
    private unowned(unsafe) var owner: TLSConnection?

    init(capacity: Int = 128 << 10) {
        bytes = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { bytes.deallocate() }

    var capacity: Int { bytes.count }

    /// What was gathered of a connection; valid until the next change.
    func records(of connection: TLSConnection) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[..<(owner === connection ? count : 0)])
    }

    /// Takes a record of a connection; false when there is no room.
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

    /// Drops what was gathered of a connection, because it is sent, or the connection ends.
    func removeAll(of connection: TLSConnection) {
        guard owner === connection else { return }
        count = 0
        owner = nil
    }
}
