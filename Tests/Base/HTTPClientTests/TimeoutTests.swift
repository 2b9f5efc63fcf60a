// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPClient

@Suite("Waits of a client", .timeLimit(.minutes(15)))
struct TimeoutTests {
    private let client: HTTPSession

    init() throws { client = try HTTPSession() }

    private func failure(
        _ url: String,
        body: HTTPClientBody = .none,
        _ change: (inout HTTPClientTimeouts) -> Void
    ) async -> HTTPClientError? {
        var request = HTTPClientRequest(method: .post, url: url, body: body)
        change(&request.timeouts)
        return await #expect(throws: HTTPClientError.self) {
            _ = try await client.execute(request).body.collect(upTo: 1 << 20)
        }
    }

    @Test("a server that does not take the connection")
    func connect() async throws {
        let full = try FullListener()
        let error = await failure("http://127.0.0.1:\(full.port)") { $0.connect = .milliseconds(300) }
        #expect(error?.code == .timeout(.connect))
    }

    @Test("a server that does not answer the handshake")
    func handshake() async throws {
        try await TestServer.run { peer in
            _ = peer.readToEnd()
        } _: { server in
            let error = await failure("https://\(server.authority)") { $0.connect = .milliseconds(300) }
            #expect(error?.code == .timeout(.connect))
        }
    }

    @Test("a server that does not answer", arguments: [HTTPClientBody.none, .bytes([1, 2, 3])])
    func stalledBefore(body: HTTPClientBody) async throws {
        try await TestServer.run { peer in
            _ = peer.readToEnd()
        } _: { server in
            let error = await failure(server.url, body: body) { $0.stalled = .milliseconds(300) }
            #expect(error?.code == .timeout(.stalled))
        }
    }

    @Test("an answer that does not go on", arguments: [false, true])
    func stalledWithin(isIdle: Bool) async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            _ = peer.readToEnd()
        } _: { server in
            let error = await failure(server.url) {
                $0.stalled = isIdle ? .seconds(3600) : .milliseconds(300)
                $0.idle = isIdle ? .milliseconds(300) : nil
            }
            #expect(error?.code == .timeout(.stalled))
        }
    }

    @Test("an answer that trickles is not stalled, and ends when everything takes too long", arguments: [false, true])
    func total(isBounded: Bool) async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
            for _ in 0..<8 {
                // The time itself is what is tested.
                try peer.pause(milliseconds: 200)
                try peer.write([1])
            }
        } _: { server in
            var request = HTTPClientRequest(url: server.url)
            request.timeouts.stalled = .seconds(1)
            request.timeouts.total = isBounded ? .milliseconds(700) : nil
            var error: HTTPClientError?
            do {
                let body = try await client.execute(request).body.collect(upTo: 8)
                #expect(body.count == 8)
            } catch let failure as HTTPClientError {
                error = failure
            }
            #expect(error?.code == (isBounded ? .timeout(.total) : nil))
        }
    }

    @Test("a request that waits for its turn until its time is over")
    func totalInQueue() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.requests = 1
        let client = try HTTPSession(configuration)
        let arrived = Gate()
        try await TestServer.run { peer in
            _ = try peer.readHead()
            arrived.open()
            _ = peer.readToEnd()
        } _: { server in
            async let first = client.execute(HTTPClientRequest(url: server.url))
            await arrived.wait()
            var timeouts = HTTPClientTimeouts()
            timeouts.total = .milliseconds(200)
            let second = HTTPClientRequest(url: server.url, timeouts: timeouts)
            let error = await #expect(throws: HTTPClientError.self) { try await client.execute(second) }
            #expect(error?.code == .timeout(.total))
            await client.shutDown()
            _ = try? await first
            #expect(server.connections == 1)
        }
    }

    @Test("a reader that is slower than the limits for stalling gets everything")
    func slowReader() async throws {
        let content = Pieces.content(4 << 20)
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.answer(200, body: content)
        } _: { server in
            var request = HTTPClientRequest(url: server.url)
            request.timeouts.stalled = .milliseconds(300)
            let response = try await client.execute(request)
            var received: [UInt8] = []
            for try await piece in response.body {
                // The time itself is what is tested.
                if received.isEmpty { try await Task.sleep(for: .milliseconds(900)) }
                received += piece
            }
            #expect(received == content)
        }
    }
}
