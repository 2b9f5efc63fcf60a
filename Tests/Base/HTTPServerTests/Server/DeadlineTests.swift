// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Synchronization
import Testing

@testable import HTTPServer

@Suite("deadlines of connections", .timeLimit(.minutes(15)))
struct DeadlineTests {
    private static let shortIdle: @Sendable (inout Server.Configuration) -> Void = {
        $0.limits.idle = .milliseconds(300)
    }
    private static let shortStall: @Sendable (inout Server.Configuration) -> Void = {
        $0.limits.stalledReader = .milliseconds(600)
    }

    @Test("a connection on which nothing happens is closed", arguments: Way.allCases)
    func idle(way: Way) async throws {
        try await withServer(over: way, Self.shortIdle) { server in
            let (fresh, used) = (try server.connect(), try server.connect())
            #expect(try used.get("/bytes?5").body == pattern(5))
            // A connection over TLS ends with close_notify.
            #expect(try fresh.answerOrEnd() == nil)
            #expect(try used.answerOrEnd() == nil)
            try server.wait(forEnd: .idle, count: 2)
        }
    }

    @Test("a head that never ends is not waited for", arguments: Way.allCases, [false, true])
    func drippedHead(way: Way, isSecond: Bool) async throws {
        try await withServer(over: way, Self.shortIdle) { server in
            let client = try server.connect()
            if isSecond { #expect(try client.get("/bytes?5").body == pattern(5)) }
            let drips = Array("GET / HTTP/1.1\r\nHost: test\r\nX-Long: ".utf8) + [UInt8](repeating: 65, count: 10_000)
            for drip in drips {
                guard (try? client.send([drip])) != nil else { break }
                guard (try? client.hears(milliseconds: 20)) == false else { break }
            }
            #expect(try client.isClosedByServer())
            try server.wait(forEnd: .idle)
        }
    }

    @Test("a handshake that never ends is not waited for", arguments: [0, 1])
    func handshake(drip: Int) async throws {
        try await withServer(over: .tls, Self.shortIdle) { server in
            let client = try server.connectPlainly()
            // The start of a long record with a ClientHello.
            try client.send([22, 3, 1, 16, 0, 1, 0, 15, 252, 3, 3])
            while !client.isReady(for: POLLIN, milliseconds: 20) { try client.send(pattern(drip)) }
            #expect(try client.isClosedByServer())
            try server.wait(forEnd: .handshakeTimeout)
        }
    }

    @Test(
        "a client that takes nothing of its answer is given up",
        arguments: ["/bytes", "/file", "/stream", "/chunked", "/hot", "/hotfile"],
        Way.allCases
    )
    func stalledReader(target: String, way: Way) async throws {
        let hot = HotCounts()
        try await withServer(Site(hot: hot), over: way, Self.shortStall) { server in
            let client = try server.connect(receiveBuffer: 8 << 10)
            try client.send(String(repeating: request("GET", "\(target)?\(12 << 20)"), count: 3))
            try server.wait(forEnd: .stalledReader)
            let other = try server.connect()
            #expect(try other.get("/bytes?5").body == pattern(5))
            if target == "/hotfile" { #expect(hot.broken.load(ordering: .relaxed) == 1) }
        }
    }

    @Test(
        "a connection is not idle while its client has yet to take an answer from the system",
        arguments: Way.allCases
    )
    func heldBySystem(way: Way) async throws {
        try await withServer(over: way, Self.shortIdle) { server in
            let client = try server.connect(receiveBuffer: 8 << 10)
            for _ in 0..<2 {
                try client.send(request("GET", "/bytes?300000"))
                client.dawdle(milliseconds: 1000)
                #expect(try client.answer().body == pattern(300_000))
            }
            try server.wait(forEnd: .idle)
        }
    }

    @Test("a client that never takes what the system holds is given up", arguments: Way.allCases)
    func neverTaken(way: Way) async throws {
        try await withServer(over: way) {
            Self.shortIdle(&$0)
            Self.shortStall(&$0)
        } _: { server in
            let client = try server.connect(receiveBuffer: 8 << 10)
            try client.send(request("GET", "/bytes?300000"))
            try server.wait(forEnd: .stalledReader)
            client.close()
        }
    }

    @Test("a client that sends but does not read is given up, too", arguments: Way.allCases)
    func sendingStalledReader(way: Way) async throws {
        let site = Site { request in
            let body = request.body
            return Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    for try await piece in body { try await writer.write(pattern(6 << 20) + piece) }
                }
            )
        }
        try await withServer(site, over: way, Self.shortStall) { server in
            let client = try server.connect(receiveBuffer: 8 << 10)
            try client.send(request("POST", "/", ["Content-Length: 100000000"]))
            while !server.ends.all.contains(.stalledReader) {
                do { try client.send([65]) } catch { break }
                client.dawdle(milliseconds: 20)
            }
            try server.wait(forEnd: .stalledReader)
        }
    }

    @Test("a client that reads slowly is not given up", arguments: ["/bytes", "/hot", "/hotfile"], Way.allCases)
    func slowReader(target: String, way: Way) async throws {
        try await withServer(Site(hot: HotCounts()), over: way, Self.shortStall) { server in
            let client = try server.connect(receiveBuffer: 16 << 10)
            let size = 12 << 20
            try client.send(request("GET", "\(target)?\(size)"))
            // Slow for a while that is much longer than the deadline, in which the system takes nothing of what waits: it
            // asks for more only when a good part of its own buffer is free.
            for _ in 0..<60 {
                _ = try client.receive()
                client.dawdle(milliseconds: 40)
            }
            #expect(try client.answer().body == pattern(size))
        }
    }

    @Test("time that the handler takes is not the client's", arguments: Way.allCases)
    func slowHandler(way: Way) async throws {
        let gate = Latch()
        let site = Site { request in
            if request.path == "/slow" { await gate.pass() }
            return Response(status: .ok, body: .bytes(pattern(16 << 20)))
        }
        try await withServer(site, over: way, Self.shortStall) { server in
            let slow = try server.connect(receiveBuffer: 8 << 10)
            try slow.send(request("GET", "/slow"))
            let stalled = try server.connect(receiveBuffer: 8 << 10)
            try stalled.send(request("GET", "/"))
            try server.wait(forEnd: .stalledReader)
            gate.open()
            // The deadline is looked at in between.
            #expect(try slow.hears(milliseconds: slow.patienceMilliseconds))
            slow.dawdle(milliseconds: 250)
            #expect(try slow.answer().body == pattern(16 << 20))
        }
    }

    @Test("a client that half-closes gets its answer", arguments: Way.allCases)
    func halfClosed(way: Way) async throws {
        try await withServer(over: way) { server in
            for target in ["/bytes?1000000", "/file?1000000", "/chunked?1000000", "/none?204"] {
                let client = try server.connect()
                try client.send(request("GET", target))
                client.halfClose()
                let answer = try client.answer()
                #expect(target.hasPrefix("/none") || answer.body == pattern(1_000_000))
                #expect(try client.answerOrEnd() == nil)
            }
        }
    }

    private struct Scene: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let prepare: @Sendable (Client) throws -> Void

        init(_ name: String, _ prepare: @escaping @Sendable (Client) throws -> Void) {
            testDescription = name
            self.prepare = prepare
        }
    }

    private static let scenes = [
        Scene("before anything") { _ in },
        Scene("within a head") { try $0.send("GET / HT") },
        Scene("while it is handled") { try $0.send(request("GET", "/wait")) },
        Scene("within a body") { try $0.send(request("POST", "/count", ["Content-Length: 100"]) + "x") },
        Scene("within a large body") { try $0.send(upload("/count", pattern(3_000_000)).dropLast(1)) },
        Scene("within a chunk") { try $0.send(request("POST", "/count", ["Transfer-Encoding: chunked"]) + "5\r\nx") },
        Scene("within an answer from memory") {
            try $0.send(request("GET", "/bytes?\(20 << 20)"))
            _ = try $0.receive()
        },
        Scene("within a file") {
            try $0.send(request("GET", "/hotfile?\(20 << 20)"))
            _ = try $0.receive()
        },
        Scene("within a stream") {
            try $0.send(request("GET", "/stream?\(20 << 20)"))
            _ = try $0.receive()
        },
        Scene("within a pipeline") {
            try $0.send(String(repeating: request("GET", "/hot?100000"), count: 200))
            _ = try $0.receive()
        },
        Scene("between two requests") { _ = try $0.get("/bytes?5") },
        Scene("behind the last answer") { _ = try $0.get("/bytes?5", "Connection: close") },
        Scene("behind an early answer") {
            try $0.send(request("POST", "/none?413", ["Content-Length: 1000000"]))
            _ = try $0.answer()
        },
        Scene("while the rest of a body is dropped") {
            try $0.send(request("POST", "/none?413", ["Content-Length: 10"]))
            _ = try $0.answer()
        },
    ]

    @Test("a client may be gone at any moment", arguments: scenes, Way.allCases)
    private func gone(scene: Scene, way: Way) async throws {
        let gate = Latch()
        let site = Site(hot: HotCounts()) { request, answer in
            if request.path == "/wait" { await gate.pass() }
            await Site.answer(request, answer)
        }
        try await withServer(site, over: way) { server in
            for isReset in [false, true] {
                let client = try server.connect(receiveBuffer: 8 << 10)
                try scene.prepare(client)
                if isReset { client.reset() } else { client.close() }
            }
            if scene.testDescription == "while it is handled" { gate.open() }
            try server.ends.wait(count: 2)
            #expect(try server.connect().get("/bytes?5").body == pattern(5))
        }
    }

    @Test("a client may be gone within the handshake", arguments: [0, 1, 5, 20, 200])
    func goneInHandshake(count: Int) async throws {
        try await withServer(over: .tls) { server in
            for isReset in [false, true] {
                let client = try server.connectPlainly()
                try client.send(([22, 3, 1, 16, 0, 1, 0, 15, 252, 3, 3] + pattern(300)).prefix(count).map(\.self))
                if isReset { client.reset() } else { client.close() }
            }
            try server.wait(forEnd: .handshakeFailed, count: 2)
            #expect(try server.connect().get("/bytes?5").body == pattern(5))
        }
    }
}
