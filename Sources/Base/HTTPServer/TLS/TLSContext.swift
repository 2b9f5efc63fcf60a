// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The state shared by all handshakes with one certificate.
///
/// A new certificate replaces the whole context. It is sendable because OpenSSL does not change a context after `init`, counts its
/// references atomically, and can create connections from it on several threads.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The keys for session tickets; OpenSSL's callback reads them here without retaining them.
    private let tickets: TicketKeys

    init(identity: TLSIdentity, tickets: TicketKeys) throws(CertificateError) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw .outOfMemory(identity.certificatePath) }
        self.pointer = pointer
        self.tickets = tickets
        // On failures from here on, deinit frees the context.
        try use(identity)
        guard setProtocol(), setTickets() else {
            throw CertificateError(
                path: identity.certificatePath,
                problem: "OpenSSL rejected the server's settings (\(OpenSSLError.reason(of: OpenSSLError.take())))"
            )
        }
    }

    deinit { SSL_CTX_free(pointer) }

    private func use(_ identity: TLSIdentity) throws(CertificateError) {
        // 112 bits of security regardless of the system's configuration: RSA keys from 2,048 bits, and no SHA-1 signatures.
        SSL_CTX_set_security_level(pointer, 2)
        var isTaken = SSL_CTX_use_certificate(pointer, identity.chain[0].pointer) == 1
        for certificate in identity.chain.dropFirst() where isTaken {
            isTaken = tls_add_chain_certificate(pointer, certificate.pointer) == 1
        }
        guard isTaken else { throw refusal(of: identity.certificatePath) }
        guard SSL_CTX_use_PrivateKey(pointer, identity.key.pointer) == 1 else { throw refusal(of: identity.keyPath) }
    }

    private func refusal(of path: String) -> CertificateError {
        CertificateError(path: path, problem: "OpenSSL rejected it (\(OpenSSLError.reason(of: OpenSSLError.take())))")
    }

    /// Sets versions, cipher suites and groups according to RFC 9325, 3.1.1 and 4.2.
    private func setProtocol() -> Bool {
        SSL_CTX_set_options(pointer, tls_server_options)
        _ = tls_set_modes(pointer, tls_server_modes)
        tls_set_read_ahead(pointer)
        SSL_CTX_set_alpn_select_cb(pointer, Self.selectProtocol, nil)
        // Only forward secrecy and AEAD. AES-128 comes first because it is the fastest. Clients without AES hardware put ChaCha20 first.
        let aes = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"]
        let suites = aes.flatMap { ["ECDHE-ECDSA-\($0)", "ECDHE-RSA-\($0)"] }.joined(separator: ":")
        return tls_set_minimum_version(pointer, TLS1_2_VERSION) == 1
            && tls_set_maximum_version(pointer, TLS1_3_VERSION) == 1
            && SSL_CTX_set_cipher_list(pointer, suites) == 1
            && SSL_CTX_set_ciphersuites(
                pointer,
                "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
            ) == 1
            && setGroups()
    }

    /// Allows only elliptic curves, because clients could exhaust the server with large finite-field groups (CVE-2002-20001).
    private func setGroups() -> Bool {
        let curves = "X25519:P-256:P-384"
        // The hybrid group resists future quantum computers and requires OpenSSL 3.5.
        if tls_set_groups(pointer, "X25519MLKEM768:" + curves) == 1 { return true }
        ERR_clear_error()
        return tls_set_groups(pointer, curves) == 1
    }

    /// Keeps session state only in the clients' tickets.
    private func setTickets() -> Bool {
        _ = tls_set_session_cache_off(pointer)
        SSL_CTX_set_timeout(pointer, TicketKeys.lifetime)
        // The identifier is the same for all nodes and certificates, so that tickets remain valid across them.
        let identifier = Array("https".utf8)
        return SSL_CTX_set_session_id_context(pointer, identifier, UInt32(identifier.count)) == 1
            && SSL_CTX_set_num_tickets(pointer, 1) == 1
            && tls_set_owner(pointer, Unmanaged.passUnretained(tickets).toOpaque()) == 1
            && SSL_CTX_set_tlsext_ticket_key_evp_cb(pointer, Self.prepareTicket) == 1
    }

    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, chosen, chosenCount, offer, count, _ in
        let best = ApplicationProtocol.best(of: UnsafeBufferPointer(start: offer, count: Int(count)))
        guard let best, let start = UnsafeBufferPointer(rebasing: best).baseAddress else {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        chosen?.pointee = start
        chosenCount?.pointee = UInt8(best.count)
        return SSL_TLSEXT_ERR_OK
    }

    private static let prepareTicket:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?, OpaquePointer?,
            Int32
        ) -> Int32 = { ssl, name, vector, cipher, digest, isNew in
            // TLS 1.2 gets no tickets, because they contain session keys: a later leak of the secret would expose recorded traffic. In TLS
            // 1.3, tickets only save the certificate exchange, and the keys are negotiated anew.
            guard SSL_version(ssl) == TLS1_3_VERSION else { return 0 }
            guard let name, let vector, let owner = tls_owner(ssl) else { return -1 }
            // The connection retains its context, which retains the keys.
            return Unmanaged<TicketKeys>.fromOpaque(owner)._withUnsafeGuaranteedRef {
                $0.prepare(cipher, digest, name: name, vector: vector, isNew: isNew == 1)
            }
        }
}
