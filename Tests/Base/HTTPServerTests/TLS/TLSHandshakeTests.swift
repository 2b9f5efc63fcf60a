// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Testing

@testable import HTTPServer

@Suite("handshakes", .timeLimit(.minutes(15)))
struct TLSHandshakeTests {
    @Test(
        "both versions and all kinds of keys work",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION],
        [TestCertificate.Kind.ecdsa, .rsa(bits: 2048), .ed25519]
    )
    func versionsAndKeys(version: Int32, kind: TestCertificate.Kind) throws {
        let pair = try TLSPair(TLSContext(TestCertificate("localhost", kind)), .init(versions: version...version))
        try #require(pair.handshake(), "\(String(describing: pair.client.failure))")
        #expect(pair.client.version == version)
        pair.client.write(Array("request".utf8))
        #expect(pair.receive() == .wantsRead)
        #expect(pair.takeReceived() == Array("request".utf8))
        #expect(pair.write(Array("answer".utf8)) == .bytes(6))
        #expect(pair.server.flush() == .sent)
        #expect(pair.client.read() == Array("answer".utf8))
    }

    @Test("a chain is shown in full")
    func chain() throws {
        let root = try TestCertificate("root")
        let middle = try TestCertificate("middle", issuer: root)
        let leaf = try TestCertificate("leaf", .rsa(bits: 2048), issuer: middle)
        let pair = try TLSPair(TLSContext(leaf, chain: [middle]))
        try #require(pair.handshake())
        #expect(pair.client.commonName == "leaf")
        #expect(OPENSSL_sk_num(SSL_get_peer_cert_chain(pair.client.ssl)) == 2)
    }

    @Test(
        "the best protocol that both speak is chosen",
        arguments: [
            (["h2", "http/1.1"], "h2", ApplicationProtocol.http2),
            (["http/1.1", "h2"], "h2", .http2),
            (["spdy/3", "http/1.1"], "http/1.1", .http1),
            (["http/1.0"], "http/1.0", .http1),
            ([], "", .none),
        ]
    )
    func protocols(offered: [String], name: String, chosen: ApplicationProtocol) throws {
        let pair = try TLSPair(TLSContext(TestCertificate()), .init(protocols: offered))
        try #require(pair.handshake())
        #expect(pair.client.applicationProtocol == name)
        #expect(pair.server.applicationProtocol == chosen)
    }

    @Test("who offers other protocols alone is told so", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func otherProtocols(version: Int32) throws {
        let options = TLSClient.Options(versions: version...version, protocols: ["smtp", "h2c"])
        let pair = try TLSPair(TLSContext(TestCertificate()), options)
        #expect(!pair.handshake())
        #expect(pair.client.failure?.contains("no application protocol") == true)
        guard case .failed(.refused) = pair.lastResult else { return #expect(Bool(false), "\(pair.lastResult)") }
    }

    @Test("an offer that is cut off is no offer")
    func brokenOffer() {
        for bytes in [[2, UInt8(ascii: "h")], [9, 1], [0], []] as [[UInt8]] {
            bytes.withUnsafeBufferPointer { #expect(ApplicationProtocol.best(of: $0) == nil) }
        }
    }

    @Test(
        "suites without forward secrecy or AEAD are refused",
        arguments: [
            "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256", "AES128-GCM-SHA256",
            "AES256-SHA",
            "DHE-RSA-AES128-GCM-SHA256",
        ]
    )
    func weakSuites(suite: String) throws {
        for kind in [TestCertificate.Kind.ecdsa, .rsa(bits: 2048)] {
            let options = TLSClient.Options(versions: TLS1_2_VERSION...TLS1_2_VERSION, suites: suite + ":@SECLEVEL=0")
            let pair = try TLSPair(TLSContext(TestCertificate("localhost", kind)), options)
            #expect(!pair.handshake())
            #expect(pair.client.failure?.contains("handshake failure") == true)
        }
    }

    @Test("older versions are refused", arguments: [TLS1_VERSION, TLS1_1_VERSION])
    func oldVersions(version: Int32) throws {
        let pair = try TLSPair(TLSContext(TestCertificate()), .init(versions: version...version))
        #expect(!pair.handshake())
        #expect(pair.client.failure?.contains("protocol version") == true)
    }

    @Test("groups of finite fields, whose size the client would choose, are refused")
    func finiteFields() throws {
        let options = TLSClient.Options(versions: TLS1_3_VERSION...TLS1_3_VERSION, groups: "ffdhe8192:ffdhe2048")
        #expect(!(try TLSPair(TLSContext(TestCertificate()), options).handshake()))
    }

    @Test("a client that puts ChaCha20 first gets it; else AES-128 is taken")
    func suitePreference() throws {
        let context = try TLSContext(TestCertificate())
        for (suites, chosen) in [
            ("ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"),
            ("ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ] {
            let pair = try TLSPair(context, .init(versions: TLS1_2_VERSION...TLS1_2_VERSION, suites: suites))
            try #require(pair.handshake())
            #expect(pair.client.suite == chosen)
        }
    }

    @Test(
        "the name that the client looks for chooses nothing",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION]
    )
    func serverName(version: Int32) throws {
        let context = try TLSContext(TestCertificate())
        let named = try TLSPair(context, .init(versions: version...version, serverName: "files.example.com"))
        try #require(named.handshake())
        let unnamed = try TLSPair(context, .init(versions: version...version))
        try #require(unnamed.handshake())
    }

    @Test("renegotiation is refused")
    func renegotiation() throws {
        let pair = try TLSPair(TLSContext(TestCertificate()), .init(versions: TLS1_2_VERSION...TLS1_2_VERSION))
        try #require(pair.handshake())
        #expect(SSL_renegotiate(pair.client.ssl) == 1)
        pair.client.handshake()
        pair.receive()
        pair.client.handshake()
        #expect(pair.client.failure?.contains("no renegotiation") == true)
    }

    @Test("plain HTTP is recognised, and answered by no record")
    func plainHTTP() throws {
        let sockets = try SocketPair()
        let server = try TLSConnection(
            context: TLSContext(TestCertificate()),
            socket: sockets.server,
            output: CipherBuffer()
        )
        sockets.sendAsClient(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        var buffer = [UInt8](repeating: 0, count: 100)
        #expect(buffer.withUnsafeMutableBytes { server.read(into: $0) } == .failed(.plainHTTP))
        #expect(server.flush() == .sent)
        #expect(sockets.receiveAsClient().isEmpty)
    }
}
