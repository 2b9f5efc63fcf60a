// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops
import Synchronization
import Testing

@testable import HTTPServer

@Suite("requests on a connection", .timeLimit(.minutes(15)))
struct RequestTests {
    @Test("one connection serves many requests", arguments: Way.allCases)
    func keepAlive(way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            for size in [0, 1, 1000, 100_000] {
                let answer = try client.get("/bytes?\(size)")
                #expect(answer.status == 200)
                #expect(answer.body == pattern(size))
                #expect(answer["Connection"] == nil)
                #expect(answer["Date"]?.hasSuffix(" GMT") == true)
            }
            client.close()
            try server.wait(forEnd: .clientClosed)
            #expect(server.ends.all == [.clientClosed])
        }
    }

    @Test("a request may come in two parts, cut anywhere", arguments: Way.allCases)
    func twoParts(way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            let request = upload("/echo", Array("0123456789".utf8), "X-Field: value")
            for cut in 1..<request.count {
                try client.send(Array(request[..<cut]))
                try client.send(Array(request[cut...]))
                #expect(try client.answer().text == "0123456789")
            }
        }
    }

    @Test("a request may come byte by byte", arguments: Way.allCases)
    func byteByByte(way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            let chunked = Array(request("POST", "/echo", ["Transfer-Encoding: chunked"]).utf8) + chunks(pattern(40))
            for bytes in [upload("/echo", pattern(40)), chunked, Array(request("GET", "/bytes?40").utf8)] {
                for byte in bytes { try client.send([byte]) }
                #expect(try client.answer().body == pattern(40))
            }
        }
    }

    @Test("HTTP/1.0 ends the connection unless the client wants to keep it", arguments: Way.allCases)
    func oldVersion(way: Way) async throws {
        try await withServer(over: way) { server in
            let kept = try server.connect()
            for _ in 0..<3 {
                try kept.send(request("GET", "/bytes?5", ["Connection: Keep-Alive"], version: "1.0"))
                let answer = try kept.answer()
                #expect(answer.body == pattern(5))
                #expect(answer["Connection"]?.lowercased() == "keep-alive")
            }
            for target in ["/bytes?5", "/stream?5", "/file?5"] {
                let closed = try server.connect()
                try closed.send(request("GET", target, version: "1.0"))
                let answer = try closed.answer()
                #expect(answer.body == pattern(5))
                #expect(answer["Connection"] == "close")
                #expect(answer["Content-Length"] == "5")
                #expect(try closed.isClosedByServer())
            }
        }
    }

    @Test(
        "a client of HTTP/1.0 gets no chunks: the end of the connection ends what has no known length",
        arguments: Way.allCases
    )
    func oldVersionStream(way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            try client.send(request("GET", "/chunked?100000", ["Connection: keep-alive"], version: "1.0"))
            let answer = try client.answer()
            #expect(answer.isEndedByConnection)
            #expect(answer["Transfer-Encoding"] == nil)
            #expect(answer["Connection"] == "close")
            #expect(answer.body == pattern(100_000))
        }
    }

    @Test(
        "a connection ends after the answer when the client says so",
        arguments: ["close", "CLOSE", "Keep-Alive, Close", "x, close ,y"]
    )
    func close(option: String) async throws {
        try await withServer { server in
            let client = try server.connect()
            let answer = try client.get("/bytes?5", "Connection: \(option)")
            #expect(answer.body == pattern(5))
            #expect(answer["Connection"] == "close")
            #expect(try client.isClosedByServer())
            client.close()
            try server.wait(forEnd: .answered)
        }
    }

    @Test("an upgrade is not taken, and the request is answered")
    func upgrade() async throws {
        try await withServer { server in
            let client = try server.connect()
            let answer = try client.get(
                "/bytes?5",
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMA"
            )
            #expect(answer.status == 200)
            #expect(answer["Upgrade"] == nil)
            #expect(try client.get("/bytes?6").body == pattern(6))
        }
    }

    @Test("a handler sees the request as it was sent", arguments: Way.allCases)
    func seen(way: Way) async throws {
        let site = Site { request in
            let fields = request.headers.map { "\($0.name): \($0.value)" }
            let words = [
                request.method.rawValue, request.target, "\(request.version)", "\(request.contentLength ?? -1)",
                request.clientAddress ?? "-", "\(request.isSecure)",
            ]
            return Response(status: .ok, body: .bytes(Array((words + fields).joined(separator: "|").utf8)))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            let secure = way == .tls
            #expect(
                try client.get("/a%20b?c", "X: y").text == "GET|/a%20b?c|http1_1|0|127.0.0.1|\(secure)|Host: test|X: y"
            )
            try client.send("POST http://other/p HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
            #expect(
                try client.answer().text == "POST|/p|http1_1|0|127.0.0.1|\(secure)|Host: other|Content-Length: 0"
            )
        }
    }

    @Test("a handler may leave the loop and come back", arguments: Way.allCases)
    func otherThreads(way: Way) async throws {
        let pool = BlockingPool(name: "handlers", threads: 2)
        let elsewhere = Elsewhere()
        let site = Site { request, answer in
            let text = try? await pool.complete { 1 }
            await elsewhere.answer(request, answer, text ?? 0)
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            for size in [10, 1_000_000] {
                try client.send(upload("/", pattern(size)))
                #expect(try client.answer().text == "\(size) \(checksum(pattern(size))) 1")
            }
        }
        await pool.shutDown()
    }

    @Test("many clients at once are each served their own", arguments: Way.allCases, [1, 3])
    func manyClients(way: Way, loops: Int) async throws {
        let hot = HotCounts()
        try await withServer(Site(hot: hot), over: way, { $0.loops = loops }) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let client = try server.connect()
                        for round in 0..<20 {
                            let size = number * 1000 + round
                            let target = ["/bytes?", "/hot?", "/file?", "/stream?", "/chunked?", "/hotfile?"][round % 6]
                            #expect(try client.get("\(target)\(size)").body == pattern(size))
                        }
                        client.close()
                    }
                }
                try await group.waitForAll()
            }
            try server.ends.wait(count: 40)
            #expect(server.ends.all.allSatisfy { $0 == .clientClosed })
            #expect(hot.complete.load(ordering: .relaxed) > 0)
            #expect(hot.broken.load(ordering: .relaxed) == 0)
        }
    }
}

/// Answers on threads that are no loop's.
private actor Elsewhere {
    func answer(_ request: Request, _ answer: consuming AnswerWriter, _ number: Int) async {
        do {
            let count = try await Site.count(request.body)
            try await answer.send(
                Response(
                    status: .ok,
                    body: .stream(length: nil) { writer in
                        for byte in "\(count) \(number)".utf8 { try await writer.write([byte]) }
                    }
                )
            )
        } catch {}
    }
}
