// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Glibc
import HTTPMessages
import Loops
import Synchronization
import Testing

@testable import HTTPServer

@Suite("serving over HTTP/2")
struct HTTP2ServingTests {
    /// A client over TLS, moved by a test on one thread.
    private final class Caller {
        let client: Client
        let http2: HTTP2Client

        /// A client with a large window lets the server send as much as it wants.
        init(_ server: TestServer, receiveBuffer: Int32? = nil, window: UInt32? = nil) throws {
            http2 = HTTP2Client(settings: window.map { [(id: NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, value: $0)] } ?? [])
            if let window { http2.widen(0, by: Int32(window)) }
            client = try server.connectPlainly(receiveBuffer: receiveBuffer)
            try client.handshake(.init(protocols: ["h2", "http/1.1"]))
            #expect(client.tls?.applicationProtocol == "h2")
        }

        /// Moves bytes both ways until something is so.
        func move(until isSo: (HTTP2Client) -> Bool) throws {
            while true {
                let output = http2.takeOutput()
                if !output.isEmpty { try client.send(output) }
                if isSo(http2) { return }
                guard try client.receive() else { throw Client.Failure.broken }
                http2.receive(client.unread)
                client.unread = []
            }
        }

        func answer(_ id: Int32) throws -> HTTP2Client.Answer {
            try move { $0.answer(id).code != nil }
            return http2.answer(id)
        }

        /// Waits for the orderly end of the connection.
        func receiveEnd() throws {
            while try client.receive() { client.unread = [] }
        }

        func get(_ path: String) throws -> [UInt8] { try answer(http2.send("GET", path)).body }
    }

    @Test("answers and bodies of every kind go both ways, side by side")
    func exchanges() async throws {
        let hot = HotCounts()
        try await withServer(Site(hot: hot), over: .tls) { server in
            let caller = try Caller(server)
            for target in ["/bytes", "/file", "/stream", "/chunked", "/hot", "/hotfile"] {
                for size in [0, 5, 100_000] { #expect(try caller.get("\(target)?\(size)") == pattern(size)) }
            }
            let size = 5_000_000
            let uploads = (0..<3).map { _ in caller.http2.send("PUT", "/count", upload: .init(bytes: pattern(size))) }
            let downloads = (0..<3).map { _ in caller.http2.send("GET", "/file?\(size)") }
            for id in uploads { #expect(try caller.answer(id).text == "\(size) \(checksum(pattern(size)))") }
            for id in downloads { #expect(try caller.answer(id).body == pattern(size)) }
            #expect(hot.broken.load(ordering: .relaxed) == 0)
            caller.client.close()
            try server.ends.wait(count: 1)
        }
    }

    @Test("bodies that wait are bounded together, and everybody's turn comes", arguments: [1, 300_000])
    func bodies(limit: Int) async throws {
        let (began, gate) = (Record<Int>(), Latch())
        let site = Site { request in
            began.append(1)
            await gate.pass()
            return Response(status: .ok, body: .bytes(Array(try await Site.count(request.body).utf8)))
        }
        try await withServer(site, over: .tls, { $0.limits.bodiesAhead = limit }) { server in
            let size = 900_000
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let caller = try Caller(server)
                        let ids = (0..<2).map { _ in caller.http2.send("PUT", "/", upload: .init(bytes: pattern(size)))
                        }
                        for id in ids {
                            #expect(try caller.answer(id).text == "\(size) \(checksum(pattern(size)))")
                        }
                        caller.client.close()
                    }
                }
                // What each client sends first is read, whatever waits of others.
                try began.wait(count: 4)
                gate.open()
                try await group.waitForAll()
            }
        }
    }

    @Test("an idle connection is closed by a message to its client")
    func idle() async throws {
        try await withServer(over: .tls, { $0.limits.idle = .milliseconds(300) }) { server in
            let caller = try Caller(server)
            #expect(try caller.get("/bytes?5") == pattern(5))
            try caller.move { $0.goAway != nil }
            #expect(caller.http2.goAway == 0)
            try caller.receiveEnd()
            caller.client.close()
            try server.wait(forEnd: .idle)
        }
    }

    @Test("the end of the server lets streams come to theirs")
    func end() async throws {
        let (began, gate) = (Latch(), Latch())
        let site = Site { request in
            if request.path == "/wait" {
                began.open()
                await gate.pass()
            }
            return Response(status: .ok, body: .bytes(pattern(200_000)))
        }
        try await withServer(site, over: .tls) { server in
            let (busy, idle) = (try Caller(server), try Caller(server))
            #expect(try idle.get("/").count == 200_000)
            let id = busy.http2.send("GET", "/wait")
            try busy.move { _ in true }
            try began.wait()
            server.shutdown.request()
            try busy.move { $0.goAway != nil }
            gate.open()
            #expect(try busy.answer(id).body == pattern(200_000))
            try idle.move { $0.goAway != nil }
            for caller in [busy, idle] {
                try caller.receiveEnd()
                caller.client.close()
            }
            try server.wait(forEnd: .shutdown, count: 2)
        }
    }

    @Test("a client that takes nothing of its answers is given up")
    func stalledReader() async throws {
        try await withServer(over: .tls, { $0.limits.stalledReader = .milliseconds(600) }) { server in
            let caller = try Caller(server, receiveBuffer: 8 << 10, window: 1 << 30)
            for _ in 0..<20 { caller.http2.send("GET", "/bytes?\(4 << 20)") }
            try caller.client.send(caller.http2.takeOutput())
            try server.wait(forEnd: .stalledReader)
            #expect(try Caller(server).get("/bytes?5") == pattern(5))
        }
    }

    @Test("a flood of control frames ends its connection")
    func flood() async throws {
        try await withServer(over: .tls) { server in
            let caller = try Caller(server)
            for _ in 0..<5000 { caller.http2.ping() }
            try caller.client.send(caller.http2.takeOutput())
            try caller.move { $0.goAway != nil }
            #expect(caller.http2.goAway == 11)
            caller.client.close()
            try server.wait(forEnd: .flood)
        }
    }

    @Test("a client that agrees on HTTP/2 and speaks something else is refused")
    func otherProtocol() async throws {
        try await withServer(over: .tls) { server in
            let client = try server.connectPlainly()
            try client.handshake(.init(protocols: ["h2"]))
            try client.send(request("GET", "/"))
            _ = try client.receiveToEnd()
            client.close()
            try server.wait(forEnd: .refused)
        }
    }

    @Test("a large download does not hold up streams of other connections")
    func fairness() async throws {
        let size: Int64 = 256 << 20
        let file = try SiteFile([])
        file.truncate(to: Int(size))
        let site = Site { request in
            guard request.path == "/large" else { return try await Site.response(request) }
            return Response(status: .ok, body: .file(file, 0..<size))
        }
        try await withServer(site, over: .tls) { server in
            let large = try Caller(server, window: 1 << 30)
            large.http2.send("GET", "/large")
            try large.client.send(large.http2.takeOutput())
            let small = try Caller(server)
            // The large one is not read to its end, and never pauses for long.
            for round in 0..<200 {
                if round % 4 == 0 { _ = try large.client.receive() }
                #expect(try small.get("/bytes?5") == pattern(5))
            }
            large.client.reset()
        }
    }
}
