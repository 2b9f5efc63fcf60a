// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Glibc
import HTTPMessages
import Loops
import Synchronization
import Testing

@testable import HTTPServer

@Suite("serving over HTTP/2", .timeLimit(.minutes(15)))
struct HTTP2ServingTests {
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
        let bodies = BodiesAhead()
        try await withServer(bodies.site, over: .tls, { $0.limits.bodiesAhead = limit }) { server in
            let (size, count) = (900_000, 4)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
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
                let other = try server.connect()
                let ahead = try bodies.rest(handlers: count, bytes: limit) { _ = try other.get("/bytes?5") }
                #expect(ahead < limit + count * ConnectionLimits.bodyPiece)
                bodies.open()
                try await group.waitForAll()
                #expect(bodies.count == 0)
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

    @Test("what takes longer than the end may is cut, and its handlers hear it")
    func cut() async throws {
        let (began, gate, results) = (Record<Int>(), Latch(), Record<String>())
        let site = Site { request, answer in
            began.append(1)
            do {
                // One is elsewhere meanwhile, the other waits for its client.
                if request.path == "/wait" { await gate.pass() }
                try await answer.send(Response(status: .ok, body: .bytes(pattern(1_000_000))))
                results.append("sent")
            } catch {
                results.append("\(type(of: error))")
            }
        }
        try await withServer(site, over: .tls, { $0.limits.shutdown = .milliseconds(300) }) { server in
            let caller = try Caller(server)
            caller.http2.send("GET", "/wait")
            caller.http2.send("GET", "/unread")
            try caller.client.send(caller.http2.takeOutput())
            try began.wait(count: 2)
            guard case .cut(1) = try server.stop() else { return #expect(Bool(false)) }
            try results.wait(count: 1)
            gate.open()
            try results.wait(count: 2)
            #expect(results.all == ["AnswerBrokenOff", "AnswerBrokenOff"])
            #expect(server.ends.all == [.shutdown])
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
