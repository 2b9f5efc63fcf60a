// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Loops
import Testing

@testable import HTTPServer

@Suite("answers before the end of a body", .timeLimit(.minutes(15)))
struct EarlyAnswerTests {
    @Test("a small rest is read and dropped, and the connection goes on", arguments: [1, 1000, 64 << 10], Way.allCases)
    func smallRest(size: Int, way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            for _ in 0..<3 {
                try client.send(request("POST", "/none?404", ["Content-Length: \(size)"]))
                let answer = try client.answer()
                #expect(answer["Connection"] == nil)
                try client.send(pattern(size))
            }
            #expect(try client.get("/bytes?5").body == pattern(5))
        }
    }

    @Test("the rest may have come before the answer", arguments: [1, 1000, 60_000], Way.allCases)
    func restThatCame(size: Int, way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            let refused = upload("/none?404", pattern(size))
            try client.send(refused + refused + Array(request("GET", "/bytes?5").utf8))
            #expect(try client.answer().status == 404)
            #expect(try client.answer().status == 404)
            #expect(try client.answer().body == pattern(5))
        }
    }

    @Test(
        "a large rest ends the connection behind the answer",
        arguments: ["Content-Length: 65537", "Content-Length: 10000000", "Transfer-Encoding: chunked"],
        Way.allCases
    )
    func largeRest(framing: String, way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            try client.send(request("POST", "/none?413", [framing]))
            let answer = try client.answer()
            #expect(answer.status == 413)
            #expect(answer["Connection"] == "close")
            // The server has ended its side, and listens for a moment.
            #expect(try client.answerOrEnd() == nil)
            try server.wait(forEnd: .answered)
        }
    }

    @Test("a client that writes all before it reads sees the answer", arguments: Way.allCases)
    func writesFirst(way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            try client.send(request("POST", "/none?413", ["Content-Length: \(64 << 20)"]))
            let piece = pattern(1 << 20)
            do {
                for _ in 0..<64 { try client.send(piece) }
            } catch Client.Failure.reset {}
            #expect(try client.answer().status == 413)
        }
    }

    @Test("no more than 128 KiB of a refused body is read")
    func bounded() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(request("POST", "/none?413", ["Content-Length: \(64 << 20)"]))
            #expect(try client.answer().status == 413)
            var sent = 0
            do {
                // Each byte that the server reads makes room for another.
                while sent < 64 << 20 {
                    try client.send(pattern(16 << 10))
                    sent += 16 << 10
                }
            } catch Client.Failure.reset {}
            #expect(sent < 16 << 20)
            try server.wait(forEnd: .answered)
        }
    }

    @Test("the rest of a dropped body does not hold a connection for ever", arguments: [0, 1], Way.allCases)
    func slowRest(drip: Int, way: Way) async throws {
        let limits = { @Sendable (configuration: inout Server.Configuration) in
            configuration.limits.uploadRate = 10_000
            configuration.limits.uploadWindow = .milliseconds(300)
        }
        try await withServer(over: way, limits) { server in
            let client = try server.connect()
            try client.send(request("POST", "/none?404", ["Content-Length: 60000"]))
            #expect(try client.answer().status == 404)
            do {
                while try !client.hears(milliseconds: 20) { try client.send(pattern(drip)) }
            } catch {}
            #expect(try client.isClosedByServer())
            try server.wait(forEnd: .slowUpload)
        }
    }

    @Test("a body that is read after the answer is an error, not an end", arguments: Way.allCases)
    func readAfterwards(way: Way) async throws {
        let results = Record<String>()
        let site = Site { request, answer in
            try? await answer.send(Response(status: .notFound))
            results.append((try? await Site.count(request.body)) ?? "")
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("POST", "/", ["Content-Length: 1000"]))
            #expect(try client.answer().status == 404)
            try client.send(pattern(1000))
            try results.wait(count: 1)
            #expect(results.all == ["interrupted"])
            try client.send(upload("/", pattern(10)))
            #expect(try client.answer().status == 404)
        }
    }

    @Test("who waits for a body when the answer is complete is woken", arguments: [1000, 10_000_000], Way.allCases)
    func readerAtAnswer(size: Int, way: Way) async throws {
        let results = Record<String>()
        let site = Site { request, answer in
            async let read = Site.count(request.body)
            try? await answer.send(Response(status: .notFound))
            results.append((try? await read) ?? "")
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("POST", "/", ["Content-Length: \(size)"]))
            #expect(try client.answer().status == 404)
            try results.wait(count: 1)
            #expect(results.all == ["interrupted"])
        }
    }
}
