// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Loops
import Testing

@testable import HTTPServer

@Suite("the end of a server", .timeLimit(.minutes(15)))
struct ServerEndTests {
    /// Stops a server on another thread; the result comes when it has ended.
    private static func stop(_ server: TestServer) -> Record<Server.End?> {
        let end = Record<Server.End?>()
        Task.detached(executorPreference: BlockingExecutor(threads: 1)) { end.append(try? server.stop()) }
        return end
    }

    private static func isOrderly(_ end: Record<Server.End?>) throws -> Bool {
        if case .orderly? = try end.wait(count: 1)[0] { true } else { false }
    }

    @Test("idle connections are closed, and new ones refused", arguments: Way.allCases)
    func idle(way: Way) async throws {
        try await withServer(over: way) { server in
            let (fresh, used) = (try server.connect(), try server.connect())
            #expect(try used.get("/bytes?5").body == pattern(5))
            let address = server.addresses[0]
            guard case .orderly = try server.stop() else { return #expect(Bool(false)) }
            #expect(try fresh.answerOrEnd() == nil)
            #expect(try used.answerOrEnd() == nil)
            #expect(server.ends.all == [.shutdown, .shutdown])
            #expect(throws: Client.Failure.system(ECONNREFUSED)) { try Client(address) }
        }
    }

    @Test("a request that is handled gets its answer, which says that the connection ends", arguments: Way.allCases)
    func running(way: Way) async throws {
        let (began, gate) = (Latch(), Latch())
        let site = Site { request in
            began.open()
            await gate.pass()
            return Response(status: .ok, body: .bytes(pattern(2 << 20)))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(String(repeating: request("GET", "/"), count: 3))
            try began.wait()
            let end = Self.stop(server)
            // New connections are refused once the end has begun.
            while (try? Client(server.addresses[0])) != nil {}
            gate.open()
            let answer = try client.answer()
            #expect(answer.body == pattern(2 << 20))
            #expect(answer["Connection"] == "close")
            #expect(try client.answerOrEnd() == nil)
            client.close()
            #expect(try Self.isOrderly(end))
        }
    }

    @Test("an upload goes on to its end", arguments: Way.allCases)
    func upload(way: Way) async throws {
        let began = Latch()
        let site = Site { request in
            began.open()
            return Response(status: .ok, body: .bytes(Array(try await Site.count(request.body).utf8)))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            let body = pattern(3_000_000)
            try client.send(request("POST", "/", ["Content-Length: \(body.count)"]))
            try client.send(Array(body[..<1_000_000]))
            try began.wait()
            let end = Self.stop(server)
            while (try? Client(server.addresses[0])) != nil {}
            try client.send(Array(body[1_000_000...]))
            let answer = try client.answer()
            #expect(answer.text == "\(body.count) \(checksum(body))")
            #expect(answer["Connection"] == "close")
            client.close()
            #expect(try Self.isOrderly(end))
        }
    }

    @Test(
        "answers on their way are sent to their end",
        arguments: ["/hot?3000000", "/hotfile?9000000", "/file?9000000"],
        Way.allCases
    )
    func onTheirWay(target: String, way: Way) async throws {
        let size = Int(target.drop { $0 != "?" }.dropFirst()) ?? 0
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect(receiveBuffer: 8 << 10)
            try client.send(String(repeating: request("GET", target), count: 5))
            while client.unread.count < 10_000 { _ = try client.receive() }
            let end = Self.stop(server)
            while (try? Client(server.addresses[0])) != nil {}
            #expect(try client.answer().body == pattern(size))
            // Others may have begun before the end; each that did is whole.
            while let answer = try client.answerOrEnd() { #expect(answer.body == pattern(size)) }
            client.close()
            #expect(try Self.isOrderly(end))
        }
    }

    @Test("a request that has arrived is answered, though the loop has not seen it yet", arguments: Way.allCases)
    func arrived(way: Way) async throws {
        let (began, gate) = (Latch(), Latch())
        let site = Site { request in
            guard request.path == "/block" else { return Response(status: .ok, body: .bytes([65])) }
            began.open()
            // Nothing moves on this loop meanwhile.
            try gate.wait()
            return Response(status: .ok)
        }
        try await withServer(site, over: way) { server in
            let blocking = try server.connect()
            let others = try (0..<3).map { _ in try server.connect() }
            for client in others { #expect(try client.get("/").text == "A") }
            try blocking.send(request("GET", "/block"))
            try began.wait()
            for client in others { try client.send(request("GET", "/")) }
            server.shutdown.request()
            gate.open()
            #expect(try blocking.answer().status == 200)
            for client in others { #expect(try client.answer().text == "A") }
        }
    }

    @Test("what takes longer than the end may is cut", arguments: Way.allCases)
    func cut(way: Way) async throws {
        let (began, results) = (Record<Int>(), Record<String>())
        let site = Site { request in
            began.append(1)
            let text = try await Site.count(request.body)
            results.append(text)
            return Response(status: .ok, body: .bytes(Array(text.utf8)))
        }
        try await withServer(site, over: way, { $0.limits.shutdown = .milliseconds(300) }) { server in
            let clients = try (0..<3).map { _ in try server.connect() }
            for client in clients { try client.send(request("POST", "/", ["Content-Length: 1000"]) + "x") }
            try began.wait(count: 3)
            guard case .cut(let connections) = try server.stop() else { return #expect(Bool(false)) }
            #expect(connections == 3)
            for client in clients { #expect(try client.isClosedByServer()) }
            // The handlers hear it, and run to their end.
            try results.wait(count: 3)
            #expect(results.all.allSatisfy { $0.hasPrefix("brokenOff") })
            #expect(server.ends.all == [.shutdown, .shutdown, .shutdown])
        }
    }

    @Test("a handler that is elsewhere when its connection is cut still comes back")
    func lateHandler() async throws {
        let (began, gate, results) = (Latch(), Latch(), Record<String>())
        let site = Site { _, answer in
            began.open()
            await gate.pass()
            do {
                try await answer.send(Response(status: .ok))
            } catch {
                results.append("\(type(of: error))")
            }
        }
        try await withServer(site, { $0.limits.shutdown = .milliseconds(100) }) { server in
            let client = try server.connect()
            try client.send(request("GET", "/"))
            try began.wait()
            guard case .cut(1) = try server.stop() else { return #expect(Bool(false)) }
            gate.open()
            try results.wait(count: 1)
            #expect(results.all == ["AnswerBrokenOff"])
        }
    }

    @Test("a server may be stopped before it has begun, and while clients come", arguments: Way.allCases)
    func underLoad(way: Way) async throws {
        try await withServer(over: way, { $0.loops = 2 }) { server in
            let stopped = Latch()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !stopped.isOpen {
                            guard let client = try? server.connect(), let answer = try? client.get("/bytes?50000")
                            else { continue }
                            #expect(answer.body == pattern(50_000))
                        }
                    }
                }
                try server.ends.wait(count: 20)
                let end = try server.stop()
                stopped.open()
                guard case .orderly = end else { return #expect(Bool(false), "\(end)") }
                try await group.waitForAll()
            }
        }
        let early = Shutdown()
        early.request()
        let end = try await Server(.init(addresses: [.tcp(host: "127.0.0.1", port: 0)]), handler: Site()).run(
            until: early
        )
        guard case .orderly = end else { return #expect(Bool(false)) }
    }
}
