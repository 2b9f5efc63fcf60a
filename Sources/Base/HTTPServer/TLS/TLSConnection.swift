// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The server side of a TLS connection on a non-blocking socket.
///
/// Confined to its loop's thread. The caller owns the socket and closes it after releasing this object. Each call gathers its records in
/// the loop's `CipherBuffer`, which `flush` sends at the end of each event. A custom BIO transfers the bytes, for gathering and fairness.
/// It rules out kernel TLS, which OpenSSL supports only through its own socket BIO and for which few systems load the kernel module.
final class TLSConnection {
    /// The maximum number of recv(2) calls per read.
    ///
    /// Data that arrives faster than it is decrypted, such as a flood of empty key updates, waits in the socket while other connections
    /// have their turn.
    private static let receivesPerRead = 2
    /// The recv(2) size for expected bulk data: four records, where OpenSSL by default has room for one.
    static let largeReceive = 64 * 1024

    private let ssl: OpaquePointer
    private let context: TLSContext
    let socket: Int32
    let output: CipherBuffer

    /// The records that the socket has not accepted, starting at `keptStart`.
    var kept: [UInt8] = []
    var keptStart = 0
    /// The error that broke the socket; 0 when there is none.
    var socketError: Int32 = 0
    var isInputOver = false
    var receivesLeft = 0

    /// The result that ended reading, returned by every later call.
    private var end: TLSResult?
    /// Whether OpenSSL buffers less than a record.
    private var isDrained = true
    private var isCloseNotifySent = false

    /// Throws when memory is exhausted.
    init(context: TLSContext, socket: Int32, output: CipherBuffer) throws(TLSError) {
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
        // The SSL object owns the BIO, and this object owns the SSL object. One BIO for both directions needs one reference.
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        SSL_set_bio(ssl, bio, bio)
        SSL_set_accept_state(ssl)
    }

    deinit {
        output.removeAll(of: self)
        SSL_free(ssl)
    }

    // MARK: Reading

    /// Reads decrypted bytes; performs the handshake first if necessary.
    ///
    /// Fills the buffer as far as data is available. `wantsWrite` means that the peer requests more than it reads.
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
            // Anything decrypted after the first record was received with it.
            receivesLeft = 0
        }
        return .bytes(total)
    }

    /// Sets whether the socket is read in large parts, which uses memory while a part is processed.
    ///
    /// OpenSSL 3.2 and later apply the setting only until the handshake is complete.
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

    /// Whether a read would return data that epoll does not report, because it has already left the socket.
    ///
    /// Needed by a caller that stopped reading before `wantsRead`.
    var hasPending: Bool { end != nil || !isDrained }

    // MARK: Writing

    /// Encrypts and accepts plain text until the socket is full.
    ///
    /// The caller may replace bytes that were not accepted before the next call.
    func write(_ bytes: UnsafeRawBufferPointer) -> TLSResult {
        if case .failed = end, let end { return end }
        var total = 0
        // Keeps one record more than the socket accepts and creates no further ones.
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

    /// Sends close_notify after all output, and flushes.
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

    // MARK: Results of the handshake

    var isHandshakeDone: Bool { SSL_is_init_finished(ssl) == 1 }

    var applicationProtocol: ApplicationProtocol {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        return ApplicationProtocol(UnsafeBufferPointer(start: name, count: Int(length)))
    }

    // MARK: Errors

    /// Returns the meaning of a failed call; must follow the call immediately.
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
        // Sends the alert as far as the socket accepts it.
        flush()
        return .failed(.refused(code: code))
    }
}
