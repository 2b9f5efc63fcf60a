// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Synchronization
import Testing

@testable import HTTPClient

@Suite("Bodies of requests", .timeLimit(.minutes(15)))
struct UploadTests {
    private let client: HTTPSession
    private let piece = [UInt8](repeating: 7, count: 256 << 10)

    init() throws { client = try HTTPSession() }

    private func put(_ server: TestServer, _ pieces: Pieces, length: Int64?) -> HTTPClientRequest {
        var request = HTTPClientRequest(method: .put, url: server.url, body: .stream(pieces, length: length))
        request.timeouts.stalled = .seconds(30)
        return request
    }

    @Test("a stream arrives whole, with a length or in chunks", arguments: [Int64(5 << 20), nil])
    func whole(length: Int64?) async throws {
        let content = Pieces.content(5 << 20)
        let size = 100_003
        try await TestServer.run { peer in
            let (head, body) = try peer.readRequest()
            #expect(head["Content-Length"].flatMap { Int64($0) } == length)
            #expect((head["Transfer-Encoding"] == "chunked") == (length == nil))
            #expect(body == content)
            try peer.answer(201)
        } _: { server in
            let pieces = Pieces { index in
                let start = index * size
                return start < content.count ? Array(content[start..<min(start + size, content.count)]) : nil
            }
            let status = try await client.execute(put(server, pieces, length: length)).status
            #expect(status == .created)
        }
    }

    @Test("a stream of nothing, and one with empty pieces", arguments: [Int64(0), nil])
    func empty(length: Int64?) async throws {
        try await TestServer.run { peer in
            while true {
                #expect(try peer.readRequest().body.isEmpty)
                try peer.answer(200)
            }
        } _: { server in
            for pieces in [[], [[], []]] as [[[UInt8]]] {
                let request = put(server, Pieces(pieces), length: length)
                let status = try await client.execute(request).status
                #expect(status == .ok)
            }
        }
    }

    @Test("no piece is asked for that the server does not take")
    func backpressure() async throws {
        let asked = Atomic(0)
        let gate = Gate()
        try await TestServer.run { peer in
            _ = try peer.readHead()
            gate.block()
        } _: { server in
            defer { gate.open() }
            let pieces = Pieces { [piece] _ in
                asked.add(1, ordering: .relaxed)
                return piece
            }
            var request = put(server, pieces, length: 1 << 40)
            request.timeouts.stalled = .milliseconds(500)
            let error = await #expect(throws: HTTPClientError.self) { try await client.execute(request) }
            #expect(error?.code == .timeout(.stalled))
            // What the sockets hold, and some pieces.
            #expect(asked.load(ordering: .relaxed) * piece.count < 32 << 20)
        }
    }

    @Test("a stream that is slower than the limit for stalling is no stalled server")
    func slowStream() async throws {
        try await TestServer.run { peer in
            #expect(try peer.readRequest().body == [1, 2, 3])
            try peer.answer(200)
        } _: { server in
            let pieces = Pieces { index in
                // The time itself is what is tested.
                try await Task.sleep(for: .milliseconds(600))
                return index < 3 ? [UInt8(index + 1)] : nil
            }
            var request = put(server, pieces, length: 3)
            request.timeouts.stalled = .milliseconds(300)
            let status = try await client.execute(request).status
            #expect(status == .ok)
        }
    }

    @Test("a refusal before the body was sent is an answer, and the rest is not sent", arguments: [401, 413, 503])
    func earlyRefusal(status: Int) async throws {
        let asked = Atomic(0)
        let received = Notes<Int>()
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.answer(status, body: Array("no".utf8))
            received.note(peer.readToEnd())
        } _: { server in
            let pieces = Pieces { [piece] _ in
                asked.add(1, ordering: .relaxed)
                return piece
            }
            let response = try await client.execute(put(server, pieces, length: 1 << 40))
            #expect(response.status.code == status)
            #expect(try await response.body.collect(upTo: 2) == Array("no".utf8))
            #expect(asked.load(ordering: .relaxed) * piece.count < 256 << 20)
            let second = try await client.execute(HTTPClientRequest(url: server.url)).status.code
            #expect(second == status)
            #expect(server.connections == 2, "a connection with half a request on it is not used again")
        }
    }

    @Test("a refusal is seen while the stream has nothing to send, and by bytes that are there at once")
    func earlyRefusalWhileWaiting() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.answer(401)
            _ = peer.readToEnd()
        } _: { server in
            let pieces = Pieces { _ in
                try await Task.sleep(for: .seconds(3600))
                return nil
            }
            let status = try await client.execute(put(server, pieces, length: nil)).status
            #expect(status == .unauthorized)
            let bytes = HTTPClientBody.bytes([UInt8](repeating: 0, count: 64 << 20))
            let request = HTTPClientRequest(method: .post, url: server.url, body: bytes)
            let second = try await client.execute(request).status
            #expect(second == .unauthorized)
        }
    }

    @Test("an answer that is complete before its request is read to its end", arguments: [200, 400])
    func completeBefore(status: Int) async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            _ = try peer.read(6)
            try peer.answer(status, ["Connection: close"], body: Array("done".utf8))
            _ = peer.readToEnd()
        } _: { server in
            let pieces = Pieces { index in
                if index > 0 { try await Task.sleep(for: .seconds(3600)) }
                return [1]
            }
            let text = try await client.execute(put(server, pieces, length: nil)) { response in
                try await response.body.collect(upTo: 4)
            }
            #expect(text == Array("done".utf8))
        }
    }

    @Test("with Expect the body waits for consent, and is not sent after a refusal")
    func expectation() async throws {
        let asked = Notes<Int>()
        try await TestServer.run { peer in
            let head = try peer.readHead()
            #expect(head["Expect"] == "100-continue")
            if head.target == "/refused" {
                try peer.answer(417)
                asked.note(peer.readToEnd())
            } else {
                try peer.write("HTTP/1.1 100 Continue\r\n\r\n")
                #expect(try peer.read(1) == [1])
                // Forces the next request onto a new connection.
                try peer.answer(200, ["Connection: close"])
            }
        } _: { server in
            for (path, expected) in [("/", 200), ("/refused", 417)] {
                var request = put(server, Pieces([[1]]), length: 1)
                request.url += path
                request.headers = [.expect: "100-continue"]
                request.timeouts.consent = .seconds(60)
                let status = try await client.execute(request).status.code
                #expect(status == expected)
            }
            await client.shutDown()
            #expect(asked.all.allSatisfy { $0 == 0 })
        }
    }

    @Test("a body of another length than announced is an error, and the server does not get a whole request")
    func otherLength() async throws {
        let complete = Notes<Bool>()
        try await TestServer.run { peer in
            let head = try peer.readHead()
            let isComplete = (try? peer.read(head["Content-Length"].flatMap { Int($0) } ?? 0)) != nil
            complete.note(isComplete)
        } _: { server in
            let request = put(server, Pieces([[1, 2], [3]]), length: 4)
            let error = await #expect(throws: HTTPClientError.self) { try await client.execute(request) }
            #expect(error?.message == "the request body does not have the announced length")
            await client.shutDown()
            #expect(!complete.all.contains(true))
            let other = try HTTPSession()
            await #expect(throws: HTTPClientError.self) {
                try await other.execute(put(server, Pieces([[1, 2], [3, 4, 5]]), length: 4))
            }
        }
    }

    private struct Broken: Error {}

    @Test("what a stream throws is thrown, and the server does not get a whole request", arguments: [Int64(2), nil])
    func brokenStream(length: Int64?) async throws {
        let (begun, left) = (Gate(), Gate())
        try await TestServer.run { peer in
            _ = try peer.readHead()
            begun.open()
            #expect(throws: Peer.Gone.self) { try peer.read(100) }
            left.open()
        } _: { server in
            let pieces = Pieces { index in
                guard index > 0 else { return [1] }
                // Before the connection is made, its failure would end the request without one.
                await begun.wait()
                throw Broken()
            }
            await #expect(throws: Broken.self) { try await client.execute(put(server, pieces, length: length)) }
            await left.wait()
        }
    }

    @Test("an answer can be read while its request is still sent")
    func bothWays() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<3 {
                // Such as "1\r\na\r\n".
                let chunk = try peer.read(6)
                try peer.write(chunk)
            }
            #expect(try peer.read(5) == Array("0\r\n\r\n".utf8))
            try peer.write("0\r\n\r\n")
        } _: { server in
            let (words, next) = AsyncStream.makeStream(of: [UInt8].self)
            let heard = AsyncHandOver(words)
            let request = put(server, Pieces { _ in await heard.next() }, length: nil)
            next.yield(Array("a".utf8))
            let text = try await client.execute(request) { response in
                var text: [UInt8] = []
                for try await piece in response.body {
                    text += piece
                    if text.count < 3 { next.yield([text[text.count - 1] + 1]) } else { next.finish() }
                }
                return text
            }
            #expect(text == Array("abc".utf8))
        }
    }
}

/// Words that one task says and another one waits for.
actor AsyncHandOver {
    private var iterator: AsyncStream<[UInt8]>.Iterator

    init(_ words: AsyncStream<[UInt8]>) {
        iterator = words.makeAsyncIterator()
    }

    func next() async -> [UInt8]? {
        var iterator = iterator
        let word = await iterator.next(isolation: self)
        self.iterator = iterator
        return word
    }
}
