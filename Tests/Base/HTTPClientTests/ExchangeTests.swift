// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPClient

@Suite("Requests and answers", .timeLimit(.minutes(15)))
struct ExchangeTests {
    private let client: HTTPSession

    init() throws { client = try HTTPSession() }

    /// The one error of a request, or nil.
    private func failure(_ request: HTTPClientRequest) async -> HTTPClientError? {
        await #expect(throws: HTTPClientError.self) {
            _ = try await client.execute(request).body.collect(upTo: 1 << 20)
        }
    }

    @Test("an answer has its status, its fields in order and its body")
    func answer() async throws {
        try await TestServer.run { peer in
            _ = try peer.readRequest()
            try peer.answer(418, ["X-One: 1", "Set-Cookie: a", "x-two:  2 ", "Set-Cookie: b"], body: Array("tea".utf8))
        } _: { server in
            let response = try await client.execute(HTTPClientRequest(url: server.url))
            #expect(response.status.code == 418)
            let names = response.headers.map(\.name.rawName)
            #expect(names == ["Content-Length", "X-One", "Set-Cookie", "x-two", "Set-Cookie"])
            #expect(response.headers.map(\.value) == ["3", "1", "a", "2", "b"])
            #expect(try await response.body.collect(upTo: 3) == Array("tea".utf8))
        }
    }

    @Test("a request has the fields that it is given, in order, and none besides but Host")
    func exactFields() async throws {
        let seen = Notes<RequestHead>()
        try await TestServer.run { peer in
            seen.note(try peer.readHead())
            try peer.answer(200)
        } _: { server in
            let request = HTTPClientRequest(
                url: server.url + "/a/../%7Eb//c?q=%2F",
                headers: [.userAgent: "granary", .accept: "", HTTPField.Name(token: "X-Mine"): "a  b"]
            )
            _ = try await client.execute(request)
            let expected = [
                "GET /a/../%7Eb//c?q=%2F HTTP/1.1", "Host: \(server.authority)", "User-Agent: granary", "Accept:",
                "X-Mine: a  b",
            ]
            #expect(seen.all.first?.lines == expected)
        }
    }

    @Test("a Host that is given takes the place of the URL's")
    func host() async throws {
        let seen = Notes<RequestHead>()
        try await TestServer.run { peer in
            seen.note(try peer.readHead())
            try peer.answer(200)
        } _: { server in
            _ = try await client.execute(HTTPClientRequest(url: server.url, headers: [.host: "other.test"]))
            #expect(seen.all.first?.lines.filter { $0.hasPrefix("Host") } == ["Host: other.test"])
        }
    }

    @Test("a body has its length, and so has an empty one where one is expected")
    func lengths() async throws {
        let seen = Notes<String>()
        try await TestServer.run { peer in
            while true {
                let (head, body) = try peer.readRequest()
                let framing = head["Content-Length"] ?? head["Transfer-Encoding"] ?? "none"
                seen.note("\(head.method) \(framing) \(body.count) \(head["Expect"] ?? "")")
                try peer.answer(200)
            }
        } _: { server in
            let large = [UInt8](repeating: 7, count: 3 << 20)
            for (method, body): (HTTPRequest.Method, HTTPClientBody) in [
                (.get, .none), (.head, .none), (.delete, .none), (.post, .none), (.put, .none),
                (.put, .bytes([])), (.post, .bytes([1, 2])), (.patch, .bytes(large)),
            ] {
                _ = try await client.execute(HTTPClientRequest(method: method, url: server.url, body: body))
            }
            let expected = [
                "GET none 0 ", "HEAD none 0 ", "DELETE none 0 ", "POST 0 0 ", "PUT 0 0 ", "PUT 0 0 ", "POST 2 2 ",
                "PATCH 3145728 3145728 ",
            ]
            #expect(seen.all == expected)
            #expect(server.connections == 1)
        }
    }

    @Test("HEAD, 204 and 304 have no body, whatever their fields say", arguments: [200, 204, 304])
    func noBody(status: Int) async throws {
        try await TestServer.run { peer in
            while true {
                _ = try peer.readHead()
                try peer.write("HTTP/1.1 \(status) X\r\nContent-Length: 5\r\n\r\n")
            }
        } _: { server in
            let method: HTTPRequest.Method = status == 200 ? .head : .get
            for _ in 0..<2 {
                let response = try await client.execute(HTTPClientRequest(method: method, url: server.url))
                #expect(response.status.code == status)
                #expect(response.headers[.contentLength] == "5")
                #expect(try await response.body.collect(upTo: 0).isEmpty)
            }
            #expect(server.connections == 1)
        }
    }

    @Test("chunks are put together, and a trailer is no part of the head")
    func chunks() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n")
            try peer.write("3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Late: 1\r\n\r\n")
        } _: { server in
            let response = try await client.execute(HTTPClientRequest(url: server.url))
            #expect(try await response.body.collect(upTo: 5) == Array("abcde".utf8))
            #expect(response.headers.count == 2)
        }
    }

    @Test("interim answers are passed over")
    func interim() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 103 Early\r\nLink: <a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
            try peer.answer(200, ["X-Last: 1"])
        } _: { server in
            let response = try await client.execute(HTTPClientRequest(url: server.url))
            #expect(response.status == .ok)
            #expect(response.headers.map(\.name.rawName) == ["Content-Length", "X-Last"])
        }
    }

    @Test("redirects are not followed, and contents are not decoded")
    func asItIs() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.answer(302, ["Location: /elsewhere", "Content-Encoding: gzip"], body: [0x1F, 0x8B, 0])
        } _: { server in
            let response = try await client.execute(HTTPClientRequest(url: server.url))
            #expect(response.status == .found)
            #expect(try await response.body.collect(upTo: 3) == [0x1F, 0x8B, 0])
            #expect(server.connections == 1)
        }
    }

    @Test("a body without a length goes until the connection ends")
    func untilEnd() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.0 200 OK\r\n\r\nabc")
        } _: { server in
            let response = try await client.execute(HTTPClientRequest(url: server.url))
            #expect(try await response.body.collect(upTo: 3) == Array("abc".utf8))
        }
    }

    @Test("a body that is larger than the reader allows is an error")
    func collectLimit() async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.answer(200, body: [1, 2, 3])
        } _: { server in
            let response = try await client.execute(HTTPClientRequest(url: server.url))
            let error = await #expect(throws: HTTPClientError.self) { try await response.body.collect(upTo: 2) }
            #expect(error?.message == "the response is larger than 2 bytes")
        }
    }

    @Test(
        "what is not HTTP is not an answer",
        arguments: [
            "hello\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        ]
    )
    func notHTTP(text: String) async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write(text)
        } _: { server in
            #expect(await failure(HTTPClientRequest(url: server.url)) == .notHTTP)
        }
    }

    @Test("a head without an end is not read for ever", arguments: ["X-Filler: abcdefgh\r\n", "x"])
    func endlessHead(line: String) async throws {
        try await TestServer.run { peer in
            _ = try peer.readHead()
            try peer.write("HTTP/1.1 200 OK\r\n")
            while true { try peer.write(String(repeating: line, count: 1000)) }
        } _: { server in
            #expect(await failure(HTTPClientRequest(url: server.url))?.code == .other)
        }
    }

    @Test(
        "a URL that is none, names another protocol or holds a user is refused",
        arguments: [
            "", "localhost", "ftp://localhost/", "file:///etc/passwd", "http://", "http://ann:secret@localhost/",
            "http://local host/", "http://localhost/\r\nX: 1", "http://localhost:99999/", "http://[::1/",
        ]
    )
    func badURL(url: String) async {
        #expect(await failure(HTTPClientRequest(url: url))?.code == .invalidURL)
    }

    @Test("a method or a field that would break out of its line is refused")
    func injection() async throws {
        try await TestServer.run { _ in
        } _: { server in
            var request = HTTPClientRequest(method: HTTPRequest.Method("GET /x"), url: server.url)
            #expect(await failure(request)?.code == .other)
            request = HTTPClientRequest(url: server.url, headers: [.accept: "a\r\nX-Other: 1"])
            #expect(await failure(request)?.code == .other)
            #expect(server.connections == 0)
        }
    }

    @Test("a server that is not there, and a name that nobody knows, are told apart")
    func nobody() async throws {
        let port = try await TestServer.run { _ in
        } _: {
            $0.port
        }
        #expect(await failure(HTTPClientRequest(url: "http://127.0.0.1:\(port)"))?.code == .connect(.refused))
        #expect(await failure(HTTPClientRequest(url: "http://no-such-host.invalid"))?.code == .resolve)
    }
}
