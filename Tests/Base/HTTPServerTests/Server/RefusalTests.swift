// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Testing

@testable import HTTPServer

@Suite("what is refused on a connection", .timeLimit(.minutes(15)))
struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let refusal: HTTP1Refusal

        init(_ name: String, _ text: String, _ refusal: HTTP1Refusal) {
            testDescription = name
            bytes = Array(text.utf8)
            self.refusal = refusal
        }
    }

    private static let smuggled = request("GET", "/bytes?5")

    private static let cases = [
        Case("no version", "hello there\r\n\r\n", .noVersion),
        // A method has no comma.
        Case("no method", "hello, is anybody there?\r\n\r\n", .notHTTP),
        Case("binary", "\u{16}\u{3}\u{1}\u{2}", .notHTTP),
        Case("HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .otherVersion),
        Case("no host", "GET / HTTP/1.1\r\n\r\n" + smuggled, .noHost),
        Case("two hosts", request("GET", "/", ["Host: b"]) + smuggled, .severalHosts),
        Case(
            "both lengths",
            request("POST", "/", ["Content-Length: 3", "Transfer-Encoding: chunked"]) + smuggled,
            .lengthAndCoding
        ),
        Case(
            "two lengths",
            request("POST", "/", ["Content-Length: 3", "Content-Length: 3"]) + smuggled,
            .severalLengths
        ),
        Case("another coding", request("POST", "/", ["Transfer-Encoding: gzip"]) + smuggled, .otherCoding),
        Case("an expectation", request("POST", "/", ["Expect: more"]) + smuggled, .expectation),
        Case("a folded field", request("GET", "/", ["X: a\r\n b"]) + smuggled, .foldedField),
        Case("a tunnel", "CONNECT test:443 HTTP/1.1\r\nHost: test\r\n\r\n", .noTunnel),
        Case("too many fields", request("GET", "/", Array(repeating: "X: y", count: 201)), .headTooLarge),
        Case("a long target", request("GET", "/" + String(repeating: "x", count: 9000)), .targetTooLong),
        Case(
            "the PROXY protocol of nobody who is trusted",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + smuggled,
            .noVersion
        ),
        Case("the same in binary", "\r\n\r\n\0\r\nQUIT\n", .notHTTP),
    ]

    @Test("it is answered by a sentence, and nothing behind it is a request", arguments: cases, Way.allCases)
    func refused(example: Case, way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            #expect(try client.get("/bytes?5").body == pattern(5))
            try client.send(example.bytes)
            let answer = try client.answer()
            #expect(answer.status == example.refusal.status.code)
            #expect(answer.text == example.refusal.sentence + "\n")
            #expect(answer["Connection"] == "close")
            #expect(answer["Content-Type"] == "text/plain; charset=utf-8")
            #expect(answer["Date"] != nil)
            #expect(try client.answerOrEnd() == nil)
            client.close()
            try server.wait(forEnd: .refused)
        }
    }

    @Test("whoever speaks TLS to a plain port is refused")
    func tlsOnPlain() async throws {
        try await withServer { server in
            let client = try server.connectPlainly()
            #expect(throws: Client.Failure.self) { try client.handshake() }
            client.close()
            try server.wait(forEnd: .refused)
        }
    }

    @Test(
        "whoever speaks plain HTTP to a TLS port is told so",
        arguments: ["GET / HTTP/1.1\r\nHost: test\r\n\r\n", "POST / HTTP/1.0\r\n\r\n"]
    )
    func plainOnTLS(text: String) async throws {
        try await withServer(over: .tls) { server in
            let client = try server.connectPlainly()
            try client.send(text)
            let answer = try client.answer()
            #expect(answer.status == 400)
            #expect(answer.text == HTTP1Refusal.plainOnTLS.sentence + "\n")
            #expect(try client.answerOrEnd() == nil)
            client.close()
            try server.wait(forEnd: .refused)
        }
    }

    @Test("garbage on a TLS port is refused by an alert", arguments: SplitMix64.seeds)
    func garbageOnTLS(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        let garbage = generator.bytes(500)
        try await withServer(over: .tls) { server in
            let client = try server.connectPlainly()
            try client.send([0] + garbage)
            client.halfClose()
            _ = try client.receiveToEnd()
            try server.wait(forEnd: .handshakeFailed)
        }
    }

    @Test("a chunk that is none is refused even when nobody reads the body")
    func badChunk() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(request("POST", "/none?200", ["Transfer-Encoding: chunked"]) + "xyz\r\n" + Self.smuggled)
            let answer = try client.answer()
            #expect(answer["Connection"] == "close")
            #expect(try client.answerOrEnd() == nil)
        }
    }
}
