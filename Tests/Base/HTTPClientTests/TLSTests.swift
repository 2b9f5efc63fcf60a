// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPMessages
import Testing

@testable import HTTPClient

@Suite("TLS of a client", .timeLimit(.minutes(15)))
struct TLSTests {
    /// A client that trusts the authority of the tests alone.
    private let client: HTTPSession

    init() throws {
        var configuration = HTTPClientConfiguration()
        configuration.authorities = .file(try TestIdentity.authority.get().certificate)
        client = try HTTPSession(configuration)
    }

    private func failure(_ url: String, _ client: HTTPSession? = nil) async -> HTTPClientError.Code? {
        let error = await #expect(throws: HTTPClientError.self) {
            _ = try await (client ?? self.client).execute(HTTPClientRequest(url: url)).body.collect(upTo: 100)
        }
        return error?.code
    }

    /// Runs a test beside a server that answers each request with three bytes.
    private func withServer(_ identity: TestIdentity, _ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.run(identity: identity) { peer in
            while true {
                _ = try peer.readRequest()
                try peer.answer(200, body: Array("abc".utf8))
            }
        } _: { server in
            try await body(server)
        }
    }

    @Test("a certificate of a private authority is believed for its names, and the connection is kept")
    func privateAuthority() async throws {
        try await withServer(try .make(names: "DNS:localhost,IP:127.0.0.1")) { server in
            for host in ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.1"] {
                let response = try await client.execute(HTTPClientRequest(url: "https://\(host):\(server.port)/"))
                #expect(try await response.body.collect(upTo: 3) == Array("abc".utf8))
            }
            #expect(server.connections == 2)
        }
    }

    @Test("large bodies go both ways")
    func large() async throws {
        let content = Pieces.content(8 << 20)
        try await TestServer.run(identity: try .make(names: "DNS:localhost")) { peer in
            let (_, body) = try peer.readRequest()
            try peer.answer(200, body: body)
        } _: { server in
            let pieces = Pieces(
                stride(from: 0, to: content.count, by: 1 << 20).map { Array(content[$0..<$0 + 1 << 20]) }
            )
            let request = HTTPClientRequest(
                method: .put,
                url: "https://localhost:\(server.port)",
                body: .stream(pieces, length: Int64(content.count))
            )
            let received = try await client.execute(request).body.collect(upTo: content.count)
            #expect(received == content)
        }
    }

    @Test("a host name is never matched against an address in a certificate, nor an address against a name")
    func addressIsNoName() async throws {
        try await withServer(try .make(names: "IP:127.0.0.1")) { server in
            #expect(await failure("https://localhost:\(server.port)") == .tls(.otherName))
            let status = try await client.execute(HTTPClientRequest(url: "https://127.0.0.1:\(server.port)")).status
            #expect(status == .ok)
        }
        try await withServer(try .make(names: "DNS:localhost,DNS:127.0.0.1")) { server in
            #expect(await failure("https://127.0.0.1:\(server.port)") == .tls(.otherName))
        }
    }

    @Test(
        "a certificate for another name is refused",
        arguments: ["DNS:example.com", "DNS:*.localhost", "DNS:localhost.example.com", "DNS:*"]
    )
    func otherName(names: String) async throws {
        try await withServer(try .make(names: names)) { server in
            #expect(await failure("https://localhost:\(server.port)") == .tls(.otherName))
        }
    }

    @Test(
        "the common name of a certificate names nobody (RFC 9110, section 4.3.4)",
        arguments: [nil, "email:a@example.org"]
    )
    func commonName(names: String?) async throws {
        try await withServer(try .make(names: names, commonName: "localhost")) { server in
            #expect(await failure("https://localhost:\(server.port)") == .tls(.otherName))
        }
    }

    @Test("a certificate whose time is over is refused")
    func expired() async throws {
        try await withServer(try .make(names: "DNS:localhost", days: -1)) { server in
            #expect(await failure("https://localhost:\(server.port)") == .tls(.expired))
        }
    }

    @Test("a certificate of nobody whom the system trusts is refused")
    func notTrusted() async throws {
        try await withServer(try .make(names: "DNS:localhost")) { server in
            let client = try HTTPSession()
            #expect(await failure("https://localhost:\(server.port)", client) == .tls(.notTrusted))
        }
    }

    @Test("a server that does not speak TLS is told apart, whatever it says", arguments: [true, false])
    func notTLS(isHTTP: Bool) async throws {
        try await TestServer.run { peer in
            _ = try peer.read(1)
            try peer.write(isHTTP ? "HTTP/1.1 400 Bad Request\r\n\r\nsorry" : "220 mail.example.com ESMTP\r\n")
            _ = peer.readToEnd()
        } _: { server in
            #expect(await failure("https://\(server.authority)") == .tls(.notTLS))
        }
    }

    @Test("a server that hangs up in the handshake has broken off, or no secure connection came about")
    func hangsUp() async throws {
        try await TestServer.run { peer in
            _ = try peer.read(1)
        } _: { server in
            #expect(await failure("https://\(server.authority)") == .tls(.other))
        }
    }

    @Test(
        "a body whose connection ends without a close_notify is not complete",
        arguments: ["Content-Length: 10", "Transfer-Encoding: chunked", "X-None: 1"]
    )
    func truncated(field: String) async throws {
        try await TestServer.run(identity: try .make(names: "DNS:localhost")) { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\n\(field)\r\nConnection: close\r\n\r\n3\r\nabc\r\n")
            peer.cut()
        } _: { server in
            #expect(await failure("https://localhost:\(server.port)") == .brokenOff)
        }
    }

    @Test("a body that only the end of the connection ends is not believed to be complete, unless there is none")
    func openEnd() async throws {
        try await TestServer.run(identity: try .make(names: "DNS:localhost")) { peer in
            let isHead = try peer.readHead().method == "HEAD"
            try peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(isHead ? "" : "abc")")
        } _: { server in
            let url = "https://localhost:\(server.port)"
            #expect(await failure(url) == .brokenOff)
            let response = try await client.execute(HTTPClientRequest(method: .head, url: url))
            let body = try await response.body.collect(upTo: 0)
            #expect(body.isEmpty)
        }
    }

    @Test("SSL_CERT_FILE names further authorities, SSL_CERT_DIR a directory of them")
    func environment() async throws {
        let authority = try TestIdentity.authority.get().certificate
        let directory = FileManager.default.temporaryDirectory.path + "/granary-authorities-\(UUID())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.copyItem(atPath: authority, toPath: directory + "/authority.pem")
        let rehash = Process()
        rehash.executableURL = URL(filePath: "/usr/bin/env")
        rehash.arguments = ["openssl", "rehash", directory]
        try rehash.run()
        rehash.waitUntilExit()
        try await withServer(try .make(names: "DNS:localhost")) { server in
            for variables in [["SSL_CERT_FILE": authority], ["SSL_CERT_DIR": directory, "SSL_CERT_FILE": ""]] {
                var configuration = HTTPClientConfiguration()
                configuration.authorities = .environment(variables)
                let client = try HTTPSession(configuration)
                let status = try await client.execute(HTTPClientRequest(url: "https://localhost:\(server.port)")).status
                #expect(status == .ok)
            }
        }
    }

    @Test("authorities that cannot be read are told apart, without their path")
    func missingFile() async throws {
        try await withServer(try .make(names: "DNS:localhost")) { server in
            var configuration = HTTPClientConfiguration()
            configuration.authorities = .file("/nonexistent/unmistakable.pem")
            let client = try HTTPSession(configuration)
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.execute(HTTPClientRequest(url: "https://localhost:\(server.port)"))
            }
            #expect(error?.code == .tls(.noAuthorities))
            #expect(error?.message == "the trusted certificates cannot be read")
        }
    }
}
