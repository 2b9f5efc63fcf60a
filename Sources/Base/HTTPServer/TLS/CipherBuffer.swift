// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The cipher records of one event, gathered so that they cost one call of send(2).
///
/// A loop has one, and its connections fill it in turn: whoever fills it flushes it before the next one's turn.
final class CipherBuffer {
    private let bytes: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Whose records it holds. Compared, never followed.
    private var owner: UnsafeRawPointer?

    init(capacity: Int = 1 << 20) {
        bytes = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { bytes.deallocate() }

    var capacity: Int { bytes.count }

    /// What was gathered of a connection; valid until the next change.
    func records(of connection: TLSConnection) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[..<(owner == identity(of: connection) ? count : 0)])
    }

    /// Takes a record of a connection; false when there is no room.
    func append(_ record: UnsafeRawBufferPointer, of connection: TLSConnection) -> Bool {
        guard count + record.count <= bytes.count, let start = bytes.baseAddress, let source = record.baseAddress else {
            return false
        }
        // Records that reach another peer would end that connection for no visible reason.
        precondition(count == 0 || owner == identity(of: connection), "another connection's records were not flushed")
        owner = identity(of: connection)
        memcpy(start + count, source, record.count)
        count += record.count
        return true
    }

    /// Drops what was gathered of a connection, because it is sent, or the connection ended.
    func removeAll(of connection: TLSConnection) {
        if owner == identity(of: connection) { count = 0 }
    }

    private func identity(of connection: TLSConnection) -> UnsafeRawPointer {
        UnsafeRawPointer(Unmanaged.passUnretained(connection).toOpaque())
    }
}
