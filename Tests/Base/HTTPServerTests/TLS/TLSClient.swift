// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc

@testable import HTTPServer

/// The client's side of a connection, by OpenSSL itself, on a socket that does not block.
final class TLSClient {
    struct Options {
        var versions = TLS1_2_VERSION...TLS1_3_VERSION
        var protocols: [String] = []
        /// Suites of TLS 1.2; those of 1.3 stay as they are.
        var suites = "ALL:@SECLEVEL=0"
        var groups: String?
        var serverName: String?
        var session: TLSSession?
        var options: UInt64 = 0
    }

    let socket: Int32
    let ssl: OpaquePointer
    private let context: OpaquePointer
    /// The newest ticket.
    private(set) var session: TLSSession?
    private(set) var tickets = 0
    /// What OpenSSL said of the call that failed.
    private(set) var failure: String?

    init(socket: Int32, _ options: Options = Options()) throws {
        self.socket = socket
        context = try made(SSL_CTX_new(TLS_client_method()))
        _ = tls_set_minimum_version(context, options.versions.lowerBound)
        _ = tls_set_maximum_version(context, options.versions.upperBound)
        SSL_CTX_set_options(context, options.options)
        // What the socket did not take is written again from wherever it is then.
        _ = tls_set_modes(context, tls_server_modes)
        guard SSL_CTX_set_cipher_list(context, options.suites) == 1 else { throw Unmade() }
        if let groups = options.groups, tls_set_groups(context, groups) != 1 { throw Unmade() }
        _ = tls_set_session_cache_of_client(context)
        ssl = try made(SSL_new(context))
        SSL_set_fd(ssl, socket)
        SSL_set_connect_state(ssl)
        let offer = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !offer.isEmpty { SSL_set_alpn_protos(ssl, offer, UInt32(offer.count)) }
        if let serverName = options.serverName { _ = tls_set_server_name(ssl, serverName) }
        if let session = options.session { SSL_set_session(ssl, session.pointer) }
        _ = tls_set_owner(context, Unmanaged.passUnretained(self).toOpaque())
        SSL_CTX_sess_set_new_cb(context) { ssl, session in
            guard let ssl, let session, let owner = tls_owner(ssl) else { return 0 }
            let client = Unmanaged<TLSClient>.fromOpaque(owner).takeUnretainedValue()
            client.session = TLSSession(session)
            client.tickets += 1
            return 1
        }
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    var isHandshakeDone: Bool { SSL_is_init_finished(ssl) == 1 }
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }
    var version: Int32 { SSL_version(ssl) }
    var suite: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }
    /// Whether the server ended its side with close_notify.
    var isEnded: Bool { SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }

    /// The protocol that the server chose.
    var applicationProtocol: String {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// The name on the server's certificate.
    var commonName: String? {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        var text = [CChar](repeating: 0, count: 100)
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, &text, Int32(text.count))
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }

    /// One step of the handshake, as far as it goes.
    func handshake() {
        ERR_clear_error()
        note(SSL_do_handshake(ssl))
    }

    /// All that has arrived, and what arrives meanwhile, up to about a limit.
    func read(atMost limit: Int = .max) -> [UInt8] {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 32 << 10)
        while all.count < limit {
            ERR_clear_error()
            let count = SSL_read(ssl, &piece, Int32(piece.count))
            guard count > 0 else {
                note(count)
                return all
            }
            all += piece[..<Int(count)]
        }
        return all
    }

    /// How many bytes the socket took.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Int {
        ERR_clear_error()
        let count = SSL_write(ssl, bytes, Int32(bytes.count))
        note(count)
        return max(0, Int(count))
    }

    /// The records that the client would send.
    func gatherRecords(_ body: (TLSClient) throws -> Void) throws -> [UInt8] {
        let memory = try made(BIO_new(BIO_s_mem()))
        SSL_set0_wbio(ssl, memory)
        try body(self)
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(memory))
        guard BIO_read(memory, &bytes, Int32(bytes.count)) == bytes.count else { throw Unmade() }
        SSL_set0_wbio(ssl, try made(BIO_new_socket(socket, BIO_NOCLOSE)))
        return bytes
    }

    func sendCloseNotify() { SSL_shutdown(ssl) }

    private func note(_ count: Int32) {
        guard count <= 0 else { return }
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE, SSL_ERROR_ZERO_RETURN: break
        case SSL_ERROR_SYSCALL: failure = "the socket"
        default: failure = OpenSSLError.reason(of: OpenSSLError.take())
        }
    }
}

/// A session that a client may resume.
final class TLSSession {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { SSL_SESSION_free(pointer) }
}
