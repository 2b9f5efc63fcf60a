// SPDX-License-Identifier: Apache-2.0

import CLinux
import COpenSSL
import Glibc

/// The transfer of encrypted bytes between OpenSSL and the socket.
extension TLSConnection {
    /// The limit for buffered protocol records (key updates, alerts) to a peer that does not read.
    private static let keptLimit = 64 << 10

    /// Whether the socket is full, so that further output waits for `flush`.
    var isBlocked: Bool { !kept.isEmpty }

    /// Sends the gathered records in one call and keeps the rest.
    @discardableResult
    func flush() -> TLSFlush {
        if isBlocked {
            let sent = kept.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[keptStart...])) }
            keptStart += sent
            if keptStart == kept.count {
                kept = []
                keptStart = 0
            }
        } else {
            let records = output.records(of: self)
            if !records.isEmpty { sendOrKeep(records) }
            output.removeAll(of: self)
        }
        if socketError != 0 { return .failed(.socket(errno: socketError)) }
        return isBlocked ? .blocked : .sent
    }

    /// Handles a record from OpenSSL; returns false when OpenSSL must retry.
    private func take(_ record: UnsafeRawBufferPointer) -> Bool {
        if !isBlocked {
            if output.append(record, of: self) { return true }
            flush()
        }
        if !isBlocked {
            if !output.append(record, of: self) { sendOrKeep(record) }
            return true
        }
        guard kept.count - keptStart < output.capacity + Self.keptLimit else { return false }
        kept.append(contentsOf: record)
        return true
    }

    private func sendOrKeep(_ bytes: UnsafeRawBufferPointer) {
        let sent = send(bytes)
        if sent < bytes.count, socketError == 0 { kept = Array(bytes[sent...]) }
    }

    /// Sends bytes and returns the number that the socket accepted.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard socketError == 0 else { return 0 }
        while true {
            let sent = Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if sent >= 0 { return sent }
            if errno == EINTR { continue }
            if errno != EAGAIN { socketError = errno }
            return 0
        }
    }

    /// Receives available bytes within this read's limit; returns nil when there are none.
    private func receive(_ bytes: UnsafeMutableRawBufferPointer) -> Int? {
        guard receivesLeft > 0 else { return nil }
        receivesLeft -= 1
        while true {
            let received = recv(socket, bytes.baseAddress, bytes.count, 0)
            if received > 0 { return received }
            if received < 0, errno == EINTR { continue }
            if received < 0, errno == EAGAIN { return nil }
            if received == 0 { isInputOver = true } else { socketError = errno }
            return 0
        }
    }
}

/// The BIO: C functions that look up their connection in the BIO's data.
extension TLSConnection {
    /// Created once; all threads then only read it.
    nonisolated(unsafe) static let bioMethod: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection") else { return nil }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        BIO_meth_set_write(method) { bio, bytes, count in
            bio_clear_retry(bio)
            return TLSConnection.with(bio) { connection in
                let isTaken = connection.take(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                if connection.socketError != 0 { return -1 }
                if isTaken { return count }
                bio_set_retry_write(bio)
                return -1
            }
        }
        BIO_meth_set_read(method) { bio, bytes, count in
            bio_clear_retry(bio)
            return TLSConnection.with(bio) { connection in
                let received = connection.receive(UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)))
                if let received { return connection.socketError != 0 ? -1 : Int32(received) }
                bio_set_retry_read(bio)
                return -1
            }
        }
        return method
    }()

    private static func with(_ bio: OpaquePointer?, _ body: (TLSConnection) -> Int32) -> Int32 {
        guard let data = BIO_get_data(bio) else { return -1 }
        // The connection calls OpenSSL, so it stays alive during callbacks.
        return Unmanaged<TLSConnection>.fromOpaque(data)._withUnsafeGuaranteedRef(body)
    }
}
