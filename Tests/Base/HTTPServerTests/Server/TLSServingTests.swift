// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import HTTPMessages
import Loops
import Testing

@testable import HTTPServer

@Suite("serving over TLS", .timeLimit(.minutes(15)))
struct TLSServingTests {
    @Test(
        "clients of each version and offer are served",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION],
        [[], ["http/1.1"], ["http/1.0", "http/1.1"]]
    )
    func versions(version: Int32, protocols: [String]) async throws {
        try await withServer(over: .tls) { server in
            let client = try server.connectPlainly()
            try client.handshake(.init(versions: version...version, protocols: protocols))
            #expect(try client.get("/bytes?100000").body == pattern(100_000))
            try client.send(upload("/count", pattern(100_000)))
            #expect(try client.answer().text == "100000 \(checksum(pattern(100_000)))")
        }
    }

    @Test("a session is resumed on another connection")
    func resumption() async throws {
        try await withServer(over: .tls) { server in
            let first = try server.connect()
            #expect(try first.get("/bytes?5").body == pattern(5))
            let session = try #require(first.tls?.session)
            let second = try server.connectPlainly()
            try second.handshake(.init(protocols: ["http/1.1"], session: session))
            #expect(second.tls?.isResumed == true)
            #expect(try second.get("/bytes?5").body == pattern(5))
        }
    }

    @Test("a client that cannot agree on anything is told by an alert")
    func disagreement() async throws {
        try await withServer(over: .tls) { server in
            for options in [TLSClient.Options(versions: TLS1_1_VERSION...TLS1_1_VERSION), .init(protocols: ["smtp"])] {
                let client = try server.connectPlainly()
                #expect {
                    try client.handshake(options)
                } throws: { error in
                    guard case .tls(let reason)? = error as? Client.Failure else { return false }
                    return reason.contains("alert")
                }
            }
            try server.wait(forEnd: .handshakeFailed, count: 2)
        }
    }

    @Test("a handshake may come byte by byte")
    func splitHandshake() async throws {
        try await withServer(over: .tls) { server in
            let client = try server.connectPlainly()
            let pair = try SocketPair()
            let tls = try TLSClient(socket: pair.client, .init(protocols: ["http/1.1"]))
            while !tls.isHandshakeDone {
                tls.handshake()
                var bytes = [UInt8](repeating: 0, count: 1 << 16)
                let count = max(0, recv(pair.server, &bytes, bytes.count, 0))
                for byte in bytes[..<count] { try client.send([byte]) }
                guard !tls.isHandshakeDone else { break }
                _ = try client.receive()
                write(pair.server, client.unread, client.unread.count)
                client.unread = []
            }
            tls.write(Array(request("GET", "/bytes?5").utf8))
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            for byte in bytes[..<max(0, recv(pair.server, &bytes, bytes.count, 0))] { try client.send([byte]) }
            var answer: [UInt8] = []
            while answer.count < 5 || Array(answer.suffix(5)) != pattern(5) {
                _ = try client.receive()
                write(pair.server, client.unread, client.unread.count)
                client.unread = []
                answer += tls.read()
            }
        }
    }

    @Test("new keys may be asked for at any time, beside other connections", arguments: [false, true])
    func keyUpdates(isRequested: Bool) async throws {
        let gate = Latch()
        let site = Site { request in
            if request.path == "/wait" { await gate.pass() }
            return Response(status: .ok, body: .bytes(Array(try await Site.count(request.body).utf8)))
        }
        let kind = isRequested ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED
        try await withServer(site, over: .tls) { server in
            let (client, other) = (try server.connect(), try server.connect())
            func update() throws {
                SSL_key_update(client.tls?.ssl, kind)
                client.tls?.handshake()
                #expect(try other.get("/").status == 200)
            }
            try update()
            #expect(try client.get("/").status == 200)
            // Within a body that is received in large pieces.
            try client.send(request("POST", "/", ["Content-Length: 1000000"]))
            let body = pattern(1_000_000)
            for start in stride(from: 0, to: body.count, by: 100_000) {
                try client.send(Array(body[start..<(start + 100_000)]))
                try update()
            }
            #expect(try client.answer().text == "1000000 \(checksum(body))")
            // While the request is handled, when the server has no use for what comes, and at the end.
            try client.send(request("GET", "/wait"))
            try update()
            gate.open()
            #expect(try client.answer().status == 200)
            try client.send(request("POST", "/", ["Content-Length: 100000"]))
            try update()
            client.halfClose()
            #expect(try client.answer().text == "brokenOff(received: 0)")
            #expect(try other.get("/").status == 200)
        }
    }

    @Test("a flood of key updates does not grow the server, nor hold up others")
    func keyUpdateFlood() async throws {
        try await withServer(over: .tls) { server in
            let (client, other) = (try server.connect(), try server.connect())
            #expect(try other.get("/bytes?5").body == pattern(5))
            // OpenSSL gives up by itself after a number of updates without data.
            for _ in 0..<1000 {
                SSL_key_update(client.tls?.ssl, SSL_KEY_UPDATE_REQUESTED)
                client.tls?.handshake()
                if client.tls?.failure != nil { break }
            }
            #expect(try other.get("/bytes?5").body == pattern(5))
        }
    }

    @Test("certificates are replaced while connections go on")
    func replaced() async throws {
        let folder = try TemporaryFolder()
        let (old, new) = (try TestCertificate("old"), try TestCertificate("new"))
        let files = try TLSIdentityFiles(
            certificate: folder.write(old.pem, to: "server.crt"),
            key: folder.write(old.keyPEM, to: "server.key")
        )
        try await withServer(Site(), { $0.tls = files }) { server in
            let first = try server.connect()
            #expect(first.tls?.commonName == "old")
            try folder.write(new.pem, to: "server.crt")
            try folder.write(new.keyPEM, to: "server.key")
            #expect(try files.reloadIfChanged())
            #expect(try server.connect().tls?.commonName == "new")
            #expect(try first.get("/bytes?5").body == pattern(5))
        }
    }
}
