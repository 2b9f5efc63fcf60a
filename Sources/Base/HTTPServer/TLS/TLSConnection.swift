// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The server's side of one connection over TLS, on a socket that does not block.
///
/// Used on its loop's thread alone. The socket belongs to the caller, who closes it after this object is gone.
/// Records that a call produces are gathered in the loop's `CipherBuffer`; `flush` sends them, at the end of each event.
/// The connection's own bytes go through a BIO of ours, for gathering and for fairness. The kernel's TLS is given up for it:
/// OpenSSL hands keys to the kernel through its own socket BIO only, and few kernels have the module loaded.
final class TLSConnection {
    /// Calls of recv(2) that one read may cost.
    ///
    /// What arrives faster than it is decrypted, such as a flood of key updates
    /// that carry no data, waits in the socket for the turn of the others.
    private static let receivesPerRead = 2
    /// What one recv(2) takes where much is known to come: four records, where OpenSSL has room for one by itself.
    static let largeReceive = 64 * 1024

    private let ssl: OpaquePointer
    private let context: TLSContext
    let socket: Int32
    let output: CipherBuffer

    /// The records that the socket did not take, from `keptStart` on.
    var kept: [UInt8] = []
    var keptStart = 0
    /// What broke the socket.
    var socketError: Int32 = 0
    var isInputOver = false
    var receivesLeft = 0

    /// What ended the reading, for every later call.
    private var end: TLSResult?
    /// Whether OpenSSL holds less than a record.
    private var isDrained = true
    private var isCloseNotifySent = false

    /// Throws when there is no memory for it.
    init(context: TLSContext, socket: Int32, output: CipherBuffer) throws(TLSFailure) {
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else { throw .refused(code: OpenSSLError.take()) }
        guard let method = Self.bioMethod, let bio = BIO_new(method) else {
            SSL_free(ssl)
            throw .refused(code: OpenSSLError.take())
        }
        self.ssl = ssl
        self.context = context
        self.socket = socket
        self.output = output
        // The BIO ends with the SSL, which ends with this object. One BIO for both ways is one reference.
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        SSL_set_bio(ssl, bio, bio)
        SSL_set_accept_state(ssl)
    }

    deinit {
        output.removeAll(of: self)
        SSL_free(ssl)
    }

    // MARK: Reading

    /// Reads plain text, after the handshake, which it performs.
    ///
    /// Fills as much of the buffer as has arrived. `wantsWrite` means that the peer asks for more than it reads.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSResult {
        if let end { return end }
        receivesLeft = Self.receivesPerRead
        var total = 0
        while total < buffer.count, let start = buffer.baseAddress {
            ERR_clear_error()
            let count = SSL_read(ssl, start + total, Int32(clamping: buffer.count - total))
            guard count > 0 else { return readEnded(count, after: total) }
            total += Int(count)
            isDrained = SSL_has_pending(ssl) == 0
            if isDrained { break }
            // What is decrypted after the first record was received with it.
            receivesLeft = 0
        }
        return .bytes(total)
    }

    /// Whether the socket is read in large parts from now on, which costs memory while such a part is worked off.
    ///
    /// OpenSSL since 3.2 heeds it only until the handshake is done.
    func readsLargeParts(_ isLarge: Bool) { tls_set_read_buffer(ssl, isLarge ? Self.largeReceive : 0) }

    private func readEnded(_ count: Int32, after total: Int) -> TLSResult {
        let result = outcome(of: count)
        switch result {
        case .closed, .failed: end = result
        case .wantsRead: isDrained = true
        case .wantsWrite: isDrained = false
        case .bytes: break
        }
        return total > 0 ? .bytes(total) : result
    }

    /// Whether a read would find something that epoll does not announce, because it has left the socket.
    ///
    /// Asked by who stopped reading before `wantsRead`.
    var hasPending: Bool { end != nil || !isDrained }

    // MARK: Writing

    /// Encrypts plain text, of which everything is taken until the socket is full.
    ///
    /// What was not taken may be replaced by something else before the next call.
    func write(_ bytes: UnsafeRawBufferPointer) -> TLSResult {
        if case .failed = end, let end { return end }
        var total = 0
        // A record more than the socket takes is kept; further ones are not made.
        while total < bytes.count, !isBlocked, let start = bytes.baseAddress {
            ERR_clear_error()
            let count = SSL_write(ssl, start + total, Int32(clamping: bytes.count - total))
            guard count > 0 else {
                let result = outcome(of: count)
                if case .failed = result { end = result }
                return total > 0 ? .bytes(total) : result
            }
            total += Int(count)
        }
        return total > 0 || bytes.isEmpty ? .bytes(total) : .wantsWrite
    }

    /// Tells the peer that nothing follows what was written, and flushes.
    @discardableResult
    func sendCloseNotify() -> TLSFlush {
        if case .failed(let failure) = end { return .failed(failure) }
        if isHandshakeDone, !isCloseNotifySent {
            isCloseNotifySent = true
            ERR_clear_error()
            SSL_shutdown(ssl)
            ERR_clear_error()
        }
        return flush()
    }

    // MARK: What the handshake agreed on

    var isHandshakeDone: Bool { SSL_is_init_finished(ssl) == 1 }

    var applicationProtocol: ApplicationProtocol {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        return ApplicationProtocol(UnsafeBufferPointer(start: name, count: Int(length)))
    }

    /// The name that the client looked for, as it sent it; for the log, since it chooses nothing.
    var serverName: String? {
        SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    }

    // MARK: Errors

    /// What a call that did not succeed means; asked right after it.
    private func outcome(of count: Int32) -> TLSResult {
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: break
        }
        let code = OpenSSLError.take()
        if isInputOver { return .failed(.truncated) }
        if socketError != 0 { return .failed(.socket(errno: socketError)) }
        if OpenSSLError.isPlainHTTP(code) { return .failed(.plainHTTP) }
        // The alert is on its way, as far as the socket takes it.
        flush()
        return .failed(.refused(code: code))
    }
}
