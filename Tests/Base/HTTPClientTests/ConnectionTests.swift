// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
import Testing

@Suite("Connections of a client", .timeLimit(.minutes(15)))
struct ConnectionTests {
    @Test("a connection is used again, also after a body that was sent in chunks or not wanted whole by HEAD")
    func reuse() async throws {
        let client = try HTTPSession()
        try await TestServer.run { peer in
            while true {
                let (head, _) = try peer.readRequest()
                try peer.answer(200, body: head.method == "HEAD" ? [] : [1])
            }
        } _: { server in
            let chunks = HTTPClientBody.stream(Pieces([[1], [2]]), length: nil)
            for (method, body) in [(.get, .none), (.put, chunks), (.head, .none), (.get, .none)]
                as [(HTTPRequest.Method, HTTPClientBody)]
            {
                let request = HTTPClientRequest(method: method, url: server.url, body: body)
                _ = try await client.execute(request).body.collect(upTo: 1)
            }
            #expect(server.connections == 1)
        }
    }

    @Test("a client makes no more connections to a server than it may, and all requests are answered")
    func perServer() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.requestsPerServer = 3
        let client = try HTTPSession(configuration)
        try await TestServer.run { peer in
            while true {
                _ = try peer.readHead()
                try peer.answer(200)
            }
        } _: { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await client.execute(HTTPClientRequest(url: server.url)).status.code }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect((1...3).contains(server.connections))
        }
    }

    @Test("requests to a busy server do not keep those to another one waiting, up to the limit of all")
    func otherServer() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.requestsPerServer = 1
        configuration.requests = 2
        let client = try HTTPSession(configuration)
        let (arrived, gate) = (Gate(), Gate())
        try await TestServer.run { peer in
            _ = try peer.readHead()
            arrived.open()
            gate.block()
            try peer.answer(200)
        } _: { busy in
            try await TestServer.run { peer in
                while true {
                    _ = try peer.readHead()
                    try peer.answer(201)
                }
            } _: { free in
                async let first = client.execute(HTTPClientRequest(url: busy.url))
                await arrived.wait()
                async let second = client.execute(HTTPClientRequest(url: busy.url))
                for _ in 0..<3 {
                    let status = try await client.execute(HTTPClientRequest(url: free.url)).status
                    #expect(status == .created)
                }
                #expect(busy.connections == 1)
                gate.open()
                let statuses = try await [first.status, second.status]
                #expect(statuses == [.ok, .ok])
            }
        }
    }

    @Test("no more requests wait than may")
    func waitingRequests() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.requests = 1
        configuration.waitingRequests = 1
        let client = try HTTPSession(configuration)
        let (arrived, gate) = (Gate(), Gate())
        try await TestServer.run { peer in
            while true {
                _ = try peer.readHead()
                arrived.open()
                gate.block()
                try peer.answer(200)
            }
        } _: { server in
            async let first = client.execute(HTTPClientRequest(url: server.url))
            await arrived.wait()
            // One of two waits, the other one is turned away.
            let errors = await withTaskGroup(of: HTTPClientError?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do {
                            _ = try await client.execute(HTTPClientRequest(url: server.url))
                            return nil
                        } catch {
                            gate.open()
                            return error as? HTTPClientError
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.compactMap { $0?.message } == ["too many requests are waiting for a connection"])
            let status = try await first.status
            #expect(status == .ok)
        }
    }

    /// A server that answers one request on its first connection and closes it when the second has come.
    private func onClosing(_ body: (TestServer, Notes<String>) async throws -> Void) async throws {
        let seen = Notes<String>()
        try await TestServer.run { peer in
            while true {
                let head = try peer.readHead()
                seen.note("\(peer.number) \(head.method)")
                if peer.number == 0, seen.all.count > 1 { return }
                try peer.answer(200)
            }
        } _: { server in
            try await body(server, seen)
        }
    }

    @Test("asking is repeated when a kept connection is closed instead of answered", arguments: ["GET", "HEAD"])
    func repeated(method: String) async throws {
        let client = try HTTPSession()
        try await onClosing { server, seen in
            for _ in 0..<2 {
                let request = HTTPClientRequest(method: HTTPRequest.Method(method), url: server.url)
                let status = try await client.execute(request).status
                #expect(status == .ok)
            }
            #expect(seen.all == ["0 \(method)", "0 \(method)", "1 \(method)"])
        }
    }

    @Test(
        "doing is never repeated when a kept connection is closed",
        arguments: ["POST", "PUT", "PATCH", "DELETE"],
        [HTTPClientBody.none, .bytes([1])]
    )
    func notRepeated(method: String, body: HTTPClientBody) async throws {
        let client = try HTTPSession()
        try await onClosing { server, seen in
            _ = try await client.execute(HTTPClientRequest(url: server.url))
            let request = HTTPClientRequest(method: HTTPRequest.Method(method), url: server.url, body: body)
            let error = await #expect(throws: HTTPClientError.self) { try await client.execute(request) }
            #expect(error?.code == .brokenOff)
            #expect(seen.all == ["0 GET", "0 \(method)"])
        }
    }

    @Test("asking is not repeated on a new connection that is closed")
    func firstConnection() async throws {
        let client = try HTTPSession()
        try await TestServer.run { peer in
            _ = try peer.readHead()
        } _: { server in
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.execute(HTTPClientRequest(url: server.url))
            }
            #expect(error?.code == .brokenOff)
            #expect(server.connections == 1)
        }
    }

    @Test("a connection that was idle for too long is not used again")
    func idle() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.idle = .seconds(1)
        let client = try HTTPSession(configuration)
        try await TestServer.run { peer in
            while true {
                _ = try peer.readHead()
                try peer.answer(200)
            }
        } _: { server in
            _ = try await client.execute(HTTPClientRequest(url: server.url))
            // The time itself is what is tested.
            try await Task.sleep(for: .seconds(3))
            _ = try await client.execute(HTTPClientRequest(url: server.url))
            #expect(server.connections == 2)
        }
    }

    @Test("shutting down ends what is under way and what waits, and closes the connections")
    func shutDown() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.requests = 1
        let client = try HTTPSession(configuration)
        let (arrived, closed) = (Gate(), Gate())
        try await TestServer.run { peer in
            _ = try peer.readHead()
            arrived.open()
            _ = peer.readToEnd()
            closed.open()
        } _: { server in
            await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
                group.addTask { try await client.execute(HTTPClientRequest(url: server.url)) }
                await arrived.wait()
                group.addTask { try await client.execute(HTTPClientRequest(url: server.url)) }
                await client.shutDown()
                await closed.wait()
                while let result = await group.nextResult() {
                    let error = #expect(throws: HTTPClientError.self) { try result.get() }
                    #expect(error?.code == .cancelled)
                }
            }
            let late = await #expect(throws: HTTPClientError.self) {
                try await client.execute(HTTPClientRequest(url: server.url))
            }
            #expect(late?.code == .cancelled)
            await client.shutDown()
        }
    }

    @Test("the last reference to a client closes its connections")
    func lastReference() async throws {
        let closed = Gate()
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.answer(200)
            _ = peer.readToEnd()
            closed.open()
        } _: { server in
            _ = try await HTTPSession().execute(HTTPClientRequest(url: server.url))
            await closed.wait()
        }
    }
}
