// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Testing

@testable import HTTPServer

/// Requests without a body, and their answers.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2AnswerTests {
    private static func handler(_ response: @escaping @Sendable (Request) -> Response) -> TestHandler {
        TestHandler { request, answer in try? await answer.send(response(request)) }
    }

    @Test("a GET is answered by its handler")
    func get() async throws {
        try await HTTP2Bench.run { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.status == "200")
            #expect(answer["content-length"] == "13")
            #expect(answer["date"]?.utf8.count == HTTPDate.length)
            #expect(answer.text == "hello, world\n")
            #expect(answer.code == 0)
        }
    }

    @Test("a request is the same as over HTTP/1.1")
    func request() async throws {
        let notes = Notes<Request>()
        let handler = TestHandler { request, answer in
            notes.add(request)
            try? await answer.send(Response(status: .ok))
        }
        try await HTTP2Bench.run(handler) { bench in
            let fields = [
                ("accept", "*/*"), ("cookie", "a=1"), ("x-empty", ""), ("cookie", "b=2"), ("accept", "text/html"),
            ]
            _ = try await bench.answer(HTTP2Client(), "DELETE", "/a%20b?c=d", fields)
        }
        let request = try #require(notes.all.first)
        #expect(request.method == .delete)
        #expect(request.target == "/a%20b?c=d")
        #expect(request.version == .http2)
        #expect(request.contentLength == 0)
        #expect(request.clientAddress == "192.0.2.7")
        #expect(request.isSecure)
        #expect(request.headers[.host] == "example.org")
        #expect(request.headers[.accept] == "*/*, text/html")
        #expect(request.headers[values: .cookie] == ["a=1; b=2"])
        #expect(request.headers[HTTPField.Name(token: "X-Empty")] == "")
        var pieces = request.body.makeAsyncIterator()
        #expect(try await pieces.next() == nil)
    }

    @Test("a Host field takes the place of a missing authority")
    func host() async throws {
        try await HTTP2Bench.run(
            Self.handler { Response(status: .ok, body: .bytes(Array(($0.headers[.host] ?? "none").utf8))) }
        ) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in
                client.send(fields: [
                    (":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "example.net:80"),
                ])
            }
            try await bench.wait("for an answer", of: client) { $0.answer(id).code != nil }
            #expect(await bench.onLoop { _ in client.answer(id).text } == "example.net:80")
        }
    }

    @Test("a HEAD gets the fields of its GET and nothing else")
    func head() async throws {
        try await HTTP2Bench.run { bench in
            let client = HTTP2Client()
            let get = try await bench.answer(client)
            let head = try await bench.answer(client, "HEAD")
            #expect(head.fields.map(\.name) == get.fields.map(\.name))
            #expect(head["content-length"] == "13")
            #expect(head.frames == [])
            #expect(head.isEnded)
        }
    }

    @Test("the length of a HEAD's answer is what the handler says")
    func lengthOfHead() async throws {
        try await HTTP2Bench.run(Self.handler { _ in Response(status: .ok, headers: [.contentLength: "77"]) }) {
            bench in
            let answer = try await bench.answer(HTTP2Client(), "HEAD")
            #expect(answer["content-length"] == "77")
        }
    }

    @Test("an answer without content ends with its head", arguments: [(204, nil), (304, nil), (200, "0"), (404, "0")])
    func empty(status: Int, length: String?) async throws {
        let response = Response(status: HTTPResponse.Status(code: status), body: .bytes([]))
        try await HTTP2Bench.run(Self.handler { _ in response }) { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.status == String(status))
            #expect(answer["content-length"] == length)
            #expect(answer.frames == [])
            #expect(answer.isEnded)
        }
    }

    @Test("content of answers that have none is not sent", arguments: [204, 304])
    func contentOfEmpty(status: Int) async throws {
        let bodies: [ResponseBody] = [.bytes([1, 2, 3]), .stream(length: nil) { try await $0.write([1]) }]
        for body in bodies {
            let response = Response(status: HTTPResponse.Status(code: status), body: body)
            try await HTTP2Bench.run(Self.handler { _ in response }) { bench in
                let answer = try await bench.answer(HTTP2Client())
                #expect(answer.frames == [])
                #expect(answer["content-length"] == nil)
                #expect(answer.code == 0)
            }
        }
    }

    @Test("fields about the connection are left out, and values stay in their line")
    func fields() async throws {
        let headers: HTTPFields = [
            .connection: "close", .transferEncoding: "chunked", HTTPField.Name(token: "Keep-Alive"): "5",
            HTTPField.Name(token: "Upgrade"): "h2c", .date: "Thu, 01 Jan 1970 00:00:00 GMT",
            HTTPField.Name(token: "X-Two"): "one\r\ntwo",
        ]
        try await HTTP2Bench.run(Self.handler { _ in Response(status: .ok, headers: headers) }) { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.fields.map(\.name) == ["date", "x-two", "content-length"])
            #expect(answer["date"] == "Thu, 01 Jan 1970 00:00:00 GMT")
            #expect(answer["x-two"] == "one  two")
        }
    }

    @Test("a handler that returns without an answer is answered for", arguments: ["GET", "HEAD", "PUT"])
    func noAnswer(method: String) async throws {
        try await HTTP2Bench.run(TestHandler { _, answer in _ = consume answer }) { bench in
            let upload = method == "PUT" ? HTTP2Client.Upload(bytes: Array(repeating: 1, count: 100_000)) : nil
            let answer = try await bench.answer(HTTP2Client(), method, upload: upload)
            #expect(answer.status == "500")
            #expect(
                answer.text
                    == (method == "HEAD"
                        ? "" : "internal error: the server produced no response; report this to its administrator\n")
            )
            #expect(answer.code == 0)
        }
    }

    @Test("many requests at once are all answered")
    func many() async throws {
        try await HTTP2Bench.run(Self.handler { Response(status: .ok, body: .bytes(Array($0.target.utf8))) }) { bench in
            let client = HTTP2Client()
            let ids = await bench.onLoop { _ in (0..<120).map { client.send("GET", "/\($0)") } }
            try await bench.wait("for all answers", of: client) { client in
                ids.allSatisfy { client.answer($0).code == 0 }
            }
            let texts = await bench.onLoop { _ in ids.map { client.answer($0).text } }
            #expect(texts == (0..<120).map { "/\($0)" })
        }
    }

    @Test("long content comes in frames, as the client's window opens")
    func long() async throws {
        let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await HTTP2Bench.run(Self.handler { _ in Response(status: .ok, body: .bytes(content)) }) { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.body == content)
            #expect(answer.frames.allSatisfy { $0 > 0 && $0 <= 16_384 })
        }
    }

    @Test("an answer counts as sent when the system took its last byte, and not before")
    func completion() async throws {
        let notes = Notes<String>()
        let handler = TestHandler { _, answer in
            do {
                try await answer.send(Response(status: .ok, body: .bytes([1])))
                notes.add("sent")
            } catch {
                notes.add("broken off")
            }
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            await bench.onLoop { bench in
                bench.exchange(with: client)
                client.send()
                // The system takes what the server has said so far, and nothing more.
                bench.isBlocked = true
                bench.receive(client.takeOutput())
            }
            try await bench.wait("for the handler's answer") { $0.connection.streams.first?.hasAnswer == true }
            await bench.onLoop { bench in
                while bench.connection.fill(bench.context.output) {}
                #expect(bench.connection.streams.isEmpty)
            }
            for _ in 0..<100 { await Task.yield() }
            #expect(notes.all == [])
            await bench.onLoop { $0.connection.drained() }
            try await bench.wait("for the handler") { _ in notes.all == ["sent"] }
        }
    }

    @Test("an answer breaks off with its stream or its connection", arguments: [true, false])
    func brokenOff(resets: Bool) async throws {
        let notes = Notes<String>()
        let handler = TestHandler { _, answer in
            do {
                try await answer.send(Response(status: .ok, body: .bytes(Array(repeating: 1, count: 200_000))))
                notes.add("sent")
            } catch {
                notes.add("broken off")
            }
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client(widens: false)
            let id = await bench.onLoop { _ in client.send() }
            try await bench.wait("for the window to be used", of: client) { $0.answer(id).body.count == 65_535 }
            #expect(notes.all == [])
            await bench.onLoop { bench in
                if resets { client.reset(id) } else { bench.close() }
                bench.exchange(with: client)
            }
            try await bench.wait("for the handler") { _ in notes.all == ["broken off"] }
        }
    }
}
