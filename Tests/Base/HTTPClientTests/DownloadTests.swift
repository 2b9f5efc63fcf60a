// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPClient

@Suite("Bodies of answers", .timeLimit(.minutes(15)))
struct DownloadTests {
    private let client: HTTPSession

    init() throws { client = try HTTPSession() }

    @Test("the server waits while nobody reads, and then everything comes")
    func backpressure() async throws {
        let content = Pieces.content(32 << 20)
        let written = Notes<Int>()
        let blocked = Gate()
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(content.count)\r\n\r\n")
            let count = peer.writeUntilBlocked(content)
            written.note(count)
            blocked.open()
            try peer.write(Array(content[count...]))
        } _: { server in
            var request = HTTPClientRequest(url: server.url)
            request.timeouts.stalled = .milliseconds(300)
            let response = try await client.execute(request)
            await blocked.wait()
            #expect((written.all.first ?? .max) < 24 << 20)
            var received: [UInt8] = []
            for try await piece in response.body {
                #expect((1...(256 << 10)).contains(piece.count))
                received += piece
            }
            #expect(received == content)
        }
    }

    @Test("a body that is dropped closes its connection, one that was read does not")
    func dropped() async throws {
        let left = Gate()
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            while (try? peer.write([UInt8](repeating: 0, count: 1 << 20))) != nil {}
            left.open()
        } _: { server in
            let status = try await client.execute(HTTPClientRequest(url: server.url)).status
            #expect(status == .ok)
            await left.wait()
        }
    }

    @Test(
        "a task that is cancelled while it waits for a head or for a body gives its connection up",
        arguments: [0, 1]
    )
    func cancelled(pieces: Int) async throws {
        let (arrived, left) = (Gate(), Gate())
        try await TestServer.run { peer in
            _ = try peer.readHead()
            if pieces > 0 { try peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc") }
            arrived.open()
            _ = peer.readToEnd()
            left.open()
        } _: { server in
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { [client] in
                        _ = try await client.execute(HTTPClientRequest(url: server.url)).body.collect(upTo: 100)
                    }
                    await arrived.wait()
                    group.cancelAll()
                    try await group.next()
                }
            }
            await left.wait()
        }
    }

    @Test("a request of a task that is cancelled already is not sent")
    func cancelledBefore() async throws {
        try await TestServer.run { _ in
        } _: { server in
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { [client] in
                    await #expect(throws: CancellationError.self) {
                        try await client.execute(HTTPClientRequest(url: server.url))
                    }
                }
            }
            #expect(server.connections == 0)
        }
    }

    static let broken = [
        "a length": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "a chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabc",
        "an end": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ]

    @Test("a body that ends early gives what came and is an error", arguments: broken.keys.sorted())
    func early(name: String) async throws {
        let text = try #require(Self.broken[name])
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write(text)
        } _: { server in
            let response = try await client.execute(HTTPClientRequest(url: server.url))
            var received: [UInt8] = []
            let error = await #expect(throws: HTTPClientError.self) {
                for try await piece in response.body { received += piece }
            }
            #expect(error?.code == .brokenOff)
            #expect(received == Array("abc".utf8))
        }
    }

    @Test("a chunk of no size is an error")
    func badChunk() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n")
        } _: { server in
            _ = await #expect(throws: HTTPClientError.self) {
                try await client.execute(HTTPClientRequest(url: server.url)).body.collect(upTo: 100)
            }
        }
    }

    @Test("a head that ends early is no answer", arguments: ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nX-One: 1\r\n"])
    func earlyHead(text: String) async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write(text)
        } _: { server in
            _ = await #expect(throws: HTTPClientError.self) {
                try await client.execute(HTTPClientRequest(url: server.url))
            }
        }
    }

    @Test("many bodies at once come whole")
    func manyAtOnce() async throws {
        let content = Pieces.content(300_000)
        var configuration = HTTPClientConfiguration()
        configuration.requestsPerServer = 32
        let client = try HTTPSession(configuration)
        try await TestServer.run { peer in
            while true {
                _ = try peer.readHead()
                try peer.answer(200, body: content)
            }
        } _: { server in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<300 {
                    group.addTask {
                        let response = try await client.execute(HTTPClientRequest(url: server.url))
                        return try await response.body.collect(upTo: content.count) == content
                    }
                }
                for try await isWhole in group { #expect(isWhole) }
            }
            #expect(server.connections <= 32)
        }
    }
}
