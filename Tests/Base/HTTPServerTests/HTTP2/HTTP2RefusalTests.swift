// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Testing

@testable import HTTPServer

/// Requests that are not as RFC 9113 has them, section 8.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2RefusalTests {
    private static let usual = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")]

    private static func malformed() -> [[(String, String)]] {
        [
            // Names and values, 8.2.1.
            usual + [("a b", "c")], usual + [("a\u{e9}", "c")], usual + [("", "c")],
            usual + [("a", "b\r\nc")], usual + [("a", "b\0")], usual + [("a", " b")], usual + [("a", "b\t")],
            // Fields about the connection, 8.2.2.
            usual + [("connection", "close")], usual + [("keep-alive", "1")],
            usual + [("transfer-encoding", "chunked")],
            usual + [("upgrade", "h2c")], usual + [("proxy-connection", "a")], usual + [("te", "gzip")],
            // Pseudo-fields, 8.3.
            Array(usual.dropFirst()), Array(usual.dropLast()), [usual[0], usual[2], usual[3]],
            [usual[0], usual[1], usual[3]],
            usual + [usual[3]], usual + [usual[0]], usual + [(":status", "200")], usual + [(":version", "2")],
            [("accept", "a")] + usual, [usual[0], usual[1], usual[2], (":path", "")],
            [usual[0], usual[1], usual[2], (":path", "a")], [usual[0], usual[1], usual[2], (":path", "*")],
            [(":method", "G T"), usual[1], usual[2], usual[3]], usual + [("host", "a"), ("host", "a")],
            // Lengths, 8.1.1.
            usual + [("content-length", "1")], usual + [("content-length", "a")], usual + [("content-length", "-1")],
            usual + [("content-length", "0"), ("content-length", "0")],
            usual + [("content-length", "99999999999999999999")],
        ]
    }

    @Test("a malformed request is an error of its stream, beside which a good upload goes on")
    func malformed() async throws {
        let handled = Notes<String>()
        let handler = TestHandler { request, answer in
            handled.add(request.target)
            var count = 0
            do { for try await piece in request.body { count += piece.count } } catch {}
            try? await answer.send(Response(status: .ok, body: .bytes(Array("\(count)".utf8))))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client(validates: false)
            let good = await bench.onLoop { _ in
                client.send("PUT", "/good", upload: HTTP2Client.Upload(bytes: [1], isOpen: true))
            }
            for fields in Self.malformed() {
                let id = await bench.onLoop { _ in client.send(fields: fields) }
                try await bench.wait("for the reset", of: client) { $0.answer(id).code != nil }
                let answer = await bench.onLoop { _ in client.answer(id) }
                #expect(answer.code == NGHTTP2_PROTOCOL_ERROR.rawValue, "\(fields)")
                #expect(answer.status == "", "\(fields)")
            }
            await bench.onLoop { _ in client.add([2, 3], to: good, isLast: true) }
            try await bench.wait("for the good one", of: client) { $0.answer(good).text == "3" }
            #expect(await bench.onLoop { _ in client.goAway } == nil)
        }
        #expect(handled.all == ["/good"])
    }

    @Test(
        "a name with a capital letter is malformed",
        arguments: [("accept", nil), ("Accept", 1)] as [(String, UInt32?)]
    )
    func capital(name: String, code: UInt32?) async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                // A literal field that is not indexed.
                let field = [0, UInt8(name.utf8.count)] + Array(name.utf8) + [1, 0x61]
                bench.receive(RawFrames.start + RawFrames.headers(1, RawFrames.get + field))
                #expect(RawFrames.parse(bench.sent).first { $0.type == 3 }?.code == code)
                #expect(bench.connection.streams.count == (code == nil ? 1 : 0))
            }
        }
    }

    @Test("what HTTP/1.1 refuses is refused in the same words")
    func refused() async throws {
        let long = String(repeating: "a", count: 8192)
        let table: [([(String, String)], HTTP1Refusal)] = [
            (Self.with(path: "/" + long), .targetTooLong),
            (Self.with(path: "/#a"), .targetFragment),
            (Self.with(path: "/a\u{e9}"), .targetBytes),
            (Self.usual + [("a", long), ("b", long)], .headTooLarge),
            (Self.usual + (0...200).map { ("a\($0)", "") }, .headTooLarge),
            (Self.with(method: String(repeating: "A", count: 33)), .methodTooLong),
            ([(":method", "CONNECT"), (":authority", "a:1")], .noTunnel),
            (Self.with(authority: "a@b"), .badHost),
            (Self.with(authority: "a:b"), .badHost),
            (Self.usual + [("host", "b")], .severalHosts),
            (Self.usual + [("expect", "200-ok")], .expectation),
        ]
        try await HTTP2Bench.run { bench in
            let client = HTTP2Client(validates: false)
            for (fields, refusal) in table {
                for hasBody in [false, true] {
                    let upload = hasBody ? HTTP2Client.Upload(bytes: Array(repeating: 1, count: 100_000)) : nil
                    let id = await bench.onLoop { _ in client.send(fields: fields, upload: upload) }
                    try await bench.wait("for the refusal", of: client) { $0.answer(id).code != nil }
                    let answer = await bench.onLoop { _ in client.answer(id) }
                    #expect(answer.status == String(refusal.status.code), "\(fields)")
                    #expect(answer.text == refusal.sentence + "\n", "\(fields)")
                    #expect(answer["content-type"] == "text/plain; charset=utf-8")
                    #expect(answer.code == 0)
                }
            }
            #expect(try await bench.answer(client).status == "200")
        }
    }

    @Test("what is at a bound is taken")
    func bounds() async throws {
        let path = "/" + String(repeating: "a", count: 8191)
        try await HTTP2Bench.run { bench in
            let client = HTTP2Client(validates: false)
            let heads = [
                Self.with(path: path), Self.usual + (0..<200).map { ("a\($0)", "") },
                Self.with(method: String(repeating: "A", count: 32)), Self.with(method: "OPTIONS", path: "*"),
                Self.usual + [("host", "A")], Self.usual + [("te", "trailers")],
                Self.usual + [("expect", "100-Continue")],
                Self.with(authority: "[::1]:8080"),
            ]
            for fields in heads {
                let id = await bench.onLoop { _ in client.send(fields: fields) }
                try await bench.wait("for the answer", of: client) { $0.answer(id).code != nil }
                #expect(await bench.onLoop { _ in client.answer(id).status } == "200", "\(fields.prefix(5))")
            }
        }
    }

    @Test("a head of exactly as many bytes as it may have is taken, and not one more", arguments: [0, 1])
    func longestHead(excess: Int) async throws {
        let fields = Self.usual + [("a", String(repeating: "a", count: 8000)), ("b", "")]
        let size = fields.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 }
        let rest = String(repeating: "b", count: 16_384 - size + excess)
        try await HTTP2Bench.run { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in client.send(fields: fields.dropLast() + [("b", rest)]) }
            try await bench.wait("for the answer", of: client) { $0.answer(id).code != nil }
            let answer = await bench.onLoop { _ in client.answer(id) }
            #expect(answer.status == (excess == 0 ? "200" : "431"))
            // The connection goes on.
            #expect(try await bench.answer(client).status == "200")
        }
    }

    private static func with(method: String = "GET", authority: String = "a", path: String = "/") -> [(String, String)]
    {
        [(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)]
    }
}
