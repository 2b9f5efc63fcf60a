// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Loops
import Synchronization
import Testing

@testable import HTTPServer

@Suite("bodies of requests", .timeLimit(.minutes(15)))
struct BodyTests {
    private static let expecting = "Expect: 100-continue"

    @Test("bodies of every size arrive, sized and in chunks", arguments: [0, 1, 5000, 70_000, 3_000_000], Way.allCases)
    func sizes(size: Int, way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            let expected = "\(size) \(checksum(pattern(size)))"
            for _ in 0..<2 {
                try client.send(upload("/count", pattern(size)))
                #expect(try client.answer().text == expected)
                try client.send(request("POST", "/count", ["Transfer-Encoding: Chunked"]))
                try client.send(chunks(pattern(size), trailer: "X-Trailer: a\r\nX-Other: b\r\n"))
                #expect(try client.answer().text == expected)
            }
        }
    }

    @Test("a handler gets the size that the client announced")
    func announced() async throws {
        let site = Site { request in
            _ = try await Site.count(request.body)
            return Response(status: .ok, body: .bytes(Array("\(request.contentLength ?? -1)".utf8)))
        }
        try await withServer(site) { server in
            let client = try server.connect()
            #expect(try client.get("/").text == "0")
            try client.send(upload("/", pattern(12)))
            #expect(try client.answer().text == "12")
            try client.send(request("POST", "/", ["Transfer-Encoding: chunked"]) + "0\r\n\r\n")
            #expect(try client.answer().text == "-1")
        }
    }

    @Test("100 Continue is sent by the first read, and only by that", arguments: Way.allCases)
    func continues(way: Way) async throws {
        let (began, gate) = (Latch(), Latch())
        let site = Site { request in
            began.open()
            await gate.pass()
            return Response(status: .ok, body: .bytes(Array(try await Site.count(request.body).utf8)))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("POST", "/", ["Content-Length: 10", Self.expecting]))
            try began.wait()
            #expect(try !client.hears(milliseconds: 50))
            gate.open()
            while client.unread.isEmpty { _ = try client.receive() }
            #expect(String(decoding: client.unread, as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
            try client.send(pattern(10))
            let answer = try client.answer()
            #expect(answer.interim == [100])
            #expect(answer.text == "10 \(checksum(pattern(10)))")
            for fields in [
                ["Transfer-Encoding: chunked", Self.expecting], ["Content-Length: 0", Self.expecting], [Self.expecting],
            ] {
                try client.send(request("POST", "/", fields))
                if fields.count == 2, fields[0].hasPrefix("T") {
                    while client.unread.isEmpty { _ = try client.receive() }
                    try client.send(chunks(pattern(10)))
                    #expect(try client.answer().interim == [100])
                } else {
                    #expect(try client.answer().interim == [])
                }
            }
        }
    }

    @Test("a body that does not wait for 100 Continue gets none", arguments: Way.allCases)
    func impatient(way: Way) async throws {
        let (began, gate, firstRead) = (Latch(), Latch(), Latch())
        let site = Site { request in
            guard request.path == "/wait" else { return try await Site.response(request) }
            began.open()
            await gate.pass()
            var body: [UInt8] = []
            for try await piece in request.body {
                body += piece
                firstRead.open()
            }
            return Response(status: .ok, body: .bytes(body))
        }
        try await withServer(site, over: way) { server in
            let (client, other) = (try server.connect(), try server.connect())
            // The body is still to be continued when it is read.
            let head = request("POST", "/wait", ["Content-Length: 20", Self.expecting])
            try client.send(Array(head.utf8) + pattern(10))
            try began.wait()
            // Another request tells that the loop has seen all of the first.
            #expect(try other.get("/bytes?5").body == pattern(5))
            gate.open()
            try firstRead.wait()
            // And now that the handler waits for the rest.
            #expect(try other.get("/bytes?5").body == pattern(5))
            try client.send(pattern(10, from: 10))
            let answer = try client.answer()
            #expect(answer.body == pattern(20))
            #expect(answer.interim == [])
        }
    }

    @Test("a refusal comes without 100 Continue, and ends the connection", arguments: Way.allCases)
    func refused(way: Way) async throws {
        try await withServer(over: way) { server in
            for framing in ["Content-Length: 10", "Content-Length: 1000000", "Transfer-Encoding: chunked"] {
                let client = try server.connect()
                try client.send(request("POST", "/none?413", [framing, Self.expecting]))
                let answer = try client.answer()
                #expect(answer.status == 413)
                #expect(answer.interim.isEmpty)
                #expect(answer["Connection"] == "close")
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test("no 100 Continue comes within an answer that has begun", arguments: Way.allCases)
    func continueAfterHead(way: Way) async throws {
        let site = Site { request in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write(Array("begun ".utf8))
                    try await writer.write(Array(try await Site.count(request.body).utf8))
                }
            )
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("POST", "/", ["Content-Length: 10", Self.expecting]))
            while !String(decoding: client.unread, as: UTF8.self).contains("begun") { _ = try client.receive() }
            try client.send(pattern(10))
            let answer = try client.answer()
            #expect(answer.interim.isEmpty)
            #expect(answer.text == "begun 10 \(checksum(pattern(10)))")
        }
    }

    @Test("a client is stopped by its socket as long as the handler does not read", arguments: Way.allCases)
    func backpressure(way: Way) async throws {
        let size = 64 << 20
        let gate = Latch()
        let site = Site { request in
            await gate.pass()
            return Response(status: .ok, body: .bytes(Array(try await Site.count(request.body).utf8)))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            var buffer: Int32 = 256 << 10
            setsockopt(client.socket, SOL_SOCKET, SO_SNDBUF, &buffer, 4)
            try client.send(request("POST", "/", ["Content-Length: \(size)"]))
            let body = pattern(1 << 20)
            let sent = try client.sendUntilBlocked(body, atMost: size)
            // What the kernel keeps on both sides, and a quarter of a MiB of ours.
            #expect(sent < 16 << 20, "the server took \(sent) bytes that nobody read")
            gate.open()
            var rest = body[(sent % body.count)...]
            var left = size - sent
            while left > 0 {
                try client.send(Array(rest))
                left -= rest.count
                rest = body[...]
            }
            var sum = checksum([])
            for _ in 0..<(size / body.count) { sum = checksum(body, continuing: sum) }
            #expect(try client.answer().text == "\(size) \(sum)")
        }
    }

    @Test("a body of tiny chunks costs no more than what is in it")
    func tinyChunks() async throws {
        let (gate, pieces) = (Latch(), Record<Int>())
        let site = Site { request in
            await gate.pass()
            for try await piece in request.body { pieces.append(piece.count) }
            return Response(status: .ok, body: .bytes(Array("fine".utf8)))
        }
        try await withServer(site) { server in
            let client = try server.connect()
            try client.send(request("POST", "/", ["Transfer-Encoding: chunked"]))
            let count = 100_000
            let sent = try client.sendUntilBlocked(Array("1\r\nx\r\n".utf8), atMost: 6 * count)
            #expect(sent == 6 * count)
            gate.open()
            try client.send("0\r\n\r\n")
            #expect(try client.answer().text == "fine")
            #expect(pieces.all.reduce(0, +) == count)
            // Each piece is memory of its own, whose cost no limit counts.
            #expect(pieces.all.count < count / 100)
        }
    }

    enum Break: CaseIterable {
        case closed, reset, badChunk, halfClosed
    }

    @Test("a broken body is one for its handler, with what came before", arguments: Break.allCases, Way.allCases)
    func broken(kind: Break, way: Way) async throws {
        let (results, got) = (Record<String>(), Record<Int>())
        let site = Site { request in
            do {
                for try await piece in request.body { got.append(piece.count) }
                results.append("complete")
            } catch {
                results.append("\(error)")
            }
            return Response(status: .badRequest, body: .bytes(Array("broken".utf8)))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            let isChunked = kind == .badChunk
            try client.send(request("POST", "/", [isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 1000"]))
            try client.send(isChunked ? chunks(pattern(100)).dropLast(5) : pattern(100))
            try got.wait { $0.reduce(0, +) == 100 }
            switch kind {
            case .closed: client.close()
            case .reset: client.reset()
            case .badChunk: try client.send("zzz\r\n")
            case .halfClosed: client.halfClose()
            }
            try results.wait(count: 1)
            #expect(results.all == ["brokenOff(received: 100)"])
            if kind == .badChunk || kind == .halfClosed {
                let answer = try client.answer()
                #expect(answer.status == 400)
                #expect(answer["Connection"] == "close")
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test("what came of a broken body is read before its end is told", arguments: Way.allCases)
    func brokenLate(way: Way) async throws {
        let (began, gate, results) = (Latch(), Latch(), Record<String>())
        let site = Site { request in
            guard request.method == .post else { return Response(status: .ok) }
            began.open()
            await gate.pass()
            var count = 0
            do {
                for try await piece in request.body { count += piece.count }
                results.append("complete")
            } catch {
                results.append("\(count) \(error)")
            }
            return Response(status: .ok)
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(Array(request("POST", "/", ["Content-Length: 1000"]).utf8) + pattern(100))
            try began.wait()
            client.close()
            // The loop has seen the end by the time that it answers another client.
            if way == .tls { try server.wait(forEnd: .brokenOff) }
            #expect(try server.connect().get("/").status == 200)
            gate.open()
            try results.wait(count: 1)
            #expect(results.all == ["100 brokenOff(received: 100)"])
        }
    }

    @Test("an end without close_notify is no end of a body")
    func truncated() async throws {
        let results = Record<String>()
        let site = Site { request in
            results.append(try await Site.count(request.body))
            return Response(status: .ok)
        }
        try await withServer(site, over: .tls) { server in
            let client = try server.connect()
            try client.send(Array(request("POST", "/", ["Content-Length: 1000"]).utf8) + pattern(100))
            shutdown(client.socket, Int32(SHUT_WR))
            try results.wait(count: 1)
            #expect(results.all == ["brokenOff(received: 100)"])
            try server.wait(forEnd: .brokenOff)
        }
    }

    @Test("a body that comes too slowly is ended, and the client is told", arguments: Way.allCases)
    func tooSlow(way: Way) async throws {
        let slow = { @Sendable (configuration: inout Server.Configuration) in
            configuration.limits.uploadRate = 10_000
            configuration.limits.uploadWindow = .milliseconds(500)
        }
        let site = Site { request in
            let text = try await Site.count(request.body)
            return Response(status: .requestTimeout, body: .bytes(Array(text.utf8)))
        }
        try await withServer(site, over: way, slow) { server in
            let client = try server.connect()
            try client.send(request("POST", "/", ["Content-Length: 1000000"]))
            while try !client.hears(milliseconds: 20) { try client.send(pattern(10)) }
            let answer = try client.answer()
            #expect(answer.status == 408)
            #expect(answer.text == "tooSlow")
            #expect(answer["Connection"] == "close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test("time in which the handler does not read is not the client's", arguments: Way.allCases)
    func slowHandler(way: Way) async throws {
        let (gate, began) = (Latch(), Latch())
        let limits = { @Sendable (configuration: inout Server.Configuration) in
            configuration.limits.uploadWindow = .milliseconds(300)
            configuration.limits.uploadRate = 1_000_000
            configuration.limits.idle = .milliseconds(900)
        }
        let site = Site { request in
            began.open()
            await gate.pass()
            return Response(status: .ok, body: .bytes(Array(try await Site.count(request.body).utf8)))
        }
        try await withServer(site, over: way, limits) { server in
            let idle = try server.connect()
            let client = try server.connect()
            try client.send(upload("/", pattern(500_000)))
            try began.wait()
            // As long as it takes until another connection is closed.
            #expect(try idle.isClosedByServer())
            gate.open()
            #expect(try client.answer().text == "500000 \(checksum(pattern(500_000)))")
        }
    }

    @Test(
        "an interrupted body ends at once, for who waits and for who reads later",
        arguments: [false, true],
        Way.allCases
    )
    func interrupt(isWaiting: Bool, way: Way) async throws {
        let (interrupt, bodies, results) = (Latch(), Record<RequestBody>(), Record<String>())
        let site = Site { request in
            bodies.append(request.body)
            if !isWaiting { await interrupt.pass() }
            results.append(try await Site.count(request.body))
            return Response(status: .serviceUnavailable)
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("POST", "/", ["Content-Length: 1000"]))
            try bodies.wait(count: 1)
            bodies.all[0].interrupt()
            interrupt.open()
            try results.wait(count: 1)
            #expect(results.all == ["interrupted"])
            let answer = try client.answer()
            #expect(answer.status == 503)
            #expect(answer["Connection"] == "close")
        }
    }

    @Test("reading and answering at the same time works", arguments: Way.allCases)
    func echo(way: Way) async throws {
        let site = Site { request in
            Response(
                status: .ok,
                body: .stream(length: request.contentLength) { writer in
                    for try await piece in request.body { try await writer.write(piece) }
                }
            )
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            let size = 5_000_000
            try client.send(request("POST", "/", ["Content-Length: \(size)"]))
            var received: [UInt8] = []
            let body = pattern(size)
            var sent = 0
            while sent < size {
                sent += try client.sendSome(Array(body[sent..<min(size, sent + 16_384)]))
                if client.isReady(for: POLLIN, milliseconds: 0) { _ = try client.receive() }
            }
            received = try client.answer().body
            #expect(received == body)
        }
    }
}
