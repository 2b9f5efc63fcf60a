// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPServer

@Suite("HTTP/1.1: heads that are read", .timeLimit(.minutes(15)))
struct HTTP1ParserTests {
    private func read(_ fields: String, line: String = "GET / HTTP/1.1", host: String = "Host: h\r\n") -> HTTP1Reading {
        HTTP1Reading("\(line)\r\n\(host)\(fields)\r\n")
    }

    @Test("RFC 9112, section 2.1: a head ends with its empty line, whatever follows")
    func wholeHead() {
        let head = "PUT /a/b?c=d%20e HTTP/1.1\r\nHost: example.org:3000\r\nX-Empty:\r\nContent-Length: 5\r\n\r\n"
        let reading = HTTP1Reading(head + "helloGET / HTTP/1.1\r\n")
        #expect(reading.result == .head(length: head.utf8.count))
        #expect((reading.method, reading.target, reading.version) == ("PUT", "/a/b?c=d%20e", .http1_1))
        #expect(reading.fields == ["Host: example.org:3000", "X-Empty: ", "Content-Length: 5"])
        #expect(reading.framing == .length(5))
        #expect(reading.persistence == .persistent)
    }

    @Test("RFC 9112, section 2.2: one empty line before a request is passed over and belongs to its head")
    func leadingLine() {
        let reading = HTTP1Reading("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(reading.result == .head(length: 29))
        #expect(reading.method == "GET")
    }

    @Test(
        "RFC 9110, section 9.1: a method is any token",
        arguments: ["get", "M-SEARCH", "!#$%&'*+-.^_`|~09AZaz", "OPTIONS"]
    )
    func methods(_ method: String) {
        #expect(read("", line: "\(method) / HTTP/1.1").method == method)
    }

    @Test(
        "RFC 9112, section 3.2: targets become path and query as they were sent, and the host of an absolute one counts",
        arguments: [
            ("GET /", "/", "h"), ("GET //a/../b/./c", "//a/../b/./c", "h"), ("GET /%2e%2e/%zz%", "/%2e%2e/%zz%", "h"),
            ("GET /a?b?c/d", "/a?b?c/d", "h"), ("GET /\"<>\\^`{|}", "/\"<>\\^`{|}", "h"), ("OPTIONS *", "*", "h"),
            ("GET http://example.org/a?b", "/a?b", "example.org"), ("GET HTTPS://e:1/a", "/a", "e:1"),
            ("GET http://example.org", "/", "example.org"), ("GET http://example.org?a=/", "/?a=/", "example.org"),
            ("OPTIONS http://[::1]:3000", "/", "[::1]:3000"), ("GET http://e//a", "//a", "e"),
        ]
    )
    func targets(_ line: String, _ target: String, _ host: String) {
        let reading = read("", line: line + " HTTP/1.1")
        #expect(reading.target == target)
        #expect(reading.fields == ["Host: \(host)"])
    }

    @Test("RFC 9110, section 2.5: later minor versions are read as 1.1", arguments: ["1.1", "1.2", "1.9"])
    func versions(_ version: String) {
        #expect(read("", line: "GET / HTTP/\(version)").version == .http1_1)
    }

    @Test(
        "RFC 9112, section 3.2: hosts",
        arguments: [
            "h", "", "example.org:80", "a_b", "a%20b", "127.0.0.1:", "[::1]", "[fe80::1%25eth0]:1", "!$&'()*+;=~",
        ]
    )
    func hosts(_ host: String) {
        #expect(read("", host: "host:\(host) \r\n").fields == ["host: \(host)"])
    }

    @Test("RFC 9112, section 3.2: HTTP/1.0 may name no host")
    func noHost() {
        let reading = read("", line: "GET / HTTP/1.0", host: "")
        #expect((reading.version, reading.fields, reading.persistence) == (.http1_0, [], .closes))
    }

    @Test("RFC 9110, section 5.5: white space around values goes, tabs and bytes beyond ASCII within stay")
    func values() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: h\r\nA: \t x\ty  z\t \r\nB:x\r\nC: \r\nD:\t\r\nE: \u{e9}".utf8)
        let reading = HTTP1Reading(bytes + [0xFF] + Array("\r\n\r\n".utf8))
        #expect(reading.fields == ["Host: h", "A: x\ty  z", "B: x", "C: ", "D: ", "E: \u{e9}\u{FFFD}"])
    }

    @Test(
        "RFC 9112, section 9.3, and RFC 9110, section 7.6.1: what becomes of the connection",
        arguments: [
            ("HTTP/1.1", "", Persistence.persistent), ("HTTP/1.1", "Connection: close\r\n", .closes),
            ("HTTP/1.1", "connection: CLOSE\r\n", .closes), ("HTTP/1.1", "Connection: TE ,\t Close\r\n", .closes),
            ("HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n", .closes),
            ("HTTP/1.1", "Connection: close\r\nConnection: keep-alive\r\n", .closes),
            ("HTTP/1.1", "Connection: ,,\r\n", .persistent), ("HTTP/1.1", "Connection: enclose\r\n", .persistent),
            ("HTTP/1.1", "Connection: Keep-Alive\r\n", .persistent), ("HTTP/1.0", "", .closes),
            ("HTTP/1.0", "Connection: x, Keep-Alive\r\n", .keptAlive),
            ("HTTP/1.0", "Connection: keep-alive, close\r\n", .closes),
            ("HTTP/1.1", "Proxy-Connection: close\r\n", .persistent),
        ]
    )
    func persistence(_ version: String, _ fields: String, _ expected: Persistence) {
        #expect(read(fields, line: "GET / \(version)").persistence == expected)
    }

    @Test("RFC 9110, section 7.8: an upgrade is ignored")
    func upgrade() {
        let reading = read("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n")
        #expect(reading.persistence == .persistent)
        #expect(reading.framing == .none)
    }

    @Test(
        "RFC 9112, section 6: where the body ends",
        arguments: [
            ("", BodyFraming.none), ("Content-Length: 0\r\n", .length(0)), ("content-length:\t007 \r\n", .length(7)),
            ("Content-Length: 9223372036854775807\r\n", .length(.max)), ("Transfer-Encoding: chunked\r\n", .chunked),
            ("TRANSFER-ENCODING:\tCHUNKED\t\r\n", .chunked), ("X-Content-Length: 5\r\n", .none),
        ]
    )
    func framing(_ fields: String, _ expected: BodyFraming) {
        #expect(read(fields).framing == expected)
    }

    @Test(
        "RFC 9110, section 10.1.1: who waits for 100 Continue",
        arguments: [
            ("HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 1\r\n", true),
            ("HTTP/1.1", "Expect: 100-continue\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n", true),
            ("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n", false),
            ("HTTP/1.1", "Expect: 100-continue\r\n", false), ("HTTP/1.1", "Content-Length: 1\r\n", false),
            ("HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n", false),
        ]
    )
    func expectation(_ version: String, _ fields: String, _ expected: Bool) {
        #expect(read(fields, line: "PUT / \(version)").expectsContinue == expected)
    }

    static let notable: [(String, HeadView.Fields)] = [
        ("User-Agent: curl/8\r\nAccept: */*\r\nX-Forward: a\r\nX-Forwarded: b\r\n", []),
        ("AUTHORIZATION: token t\r\n", .authorization), ("Range: bytes=0-1\r\n", .range),
        ("If-Match: *\r\n", .condition), ("If-None-Match: *\r\n", .condition), ("If-Range: \"a\"\r\n", .condition),
        ("If-Modified-Since: x\r\n", .condition), ("If-Unmodified-Since: x\r\n", .condition),
        ("expect: 100-continue\r\n", .expect), ("Cookie: a=b\r\n", .cookie), ("Forwarded: for=a\r\n", .forwarded),
        ("X-Forwarded-For: a\r\n", .forwarded), ("x-forwarded-proto: https\r\n", .forwarded),
        ("X-Forwarded-Host: a\r\nCookie: c\r\nCookie: d\r\n", [.forwarded, .cookie]),
        ("Authorization: a\r\nAuthorization: b\r\n", [.authorization, .ambiguous]),
        ("Range: a\r\nrange: b\r\n", [.range, .ambiguous]),
    ]

    @Test("fields that an answer may depend on are noted", arguments: notable)
    func known(_ fields: String, _ expected: HeadView.Fields) {
        #expect(read(fields).known == expected)
    }

    @Test("the view of a head lends target and credentials")
    func view() throws {
        var parser = HTTP1Parser()
        let head = Array("HEAD http://h/a?b HTTP/1.0\r\nAuthorization: token t \r\nAuthorization: u\r\n\r\n".utf8)
        unsafe head.withUnsafeBytes { bytes in
            #expect(unsafe parser.parse(bytes) == .head(length: head.count))
            guard let view = unsafe parser.view(of: bytes, clientAddress: "::1", isSecure: true) else {
                Issue.record("there is no view")
                return
            }
            // The macro copies what it looks into, and a view cannot be copied.
            let (method, version, fields) = (view.method, view.version, view.fields)
            let (target, authorization) = unsafe (Array(view.target), Array(view.authorization))
            let (clientAddress, isSecure) = (view.clientAddress, view.isSecure)
            #expect((method, version, fields) == (.head, .http1_0, [.authorization, .ambiguous]))
            #expect((target, authorization) == (Array("/a?b".utf8), Array("token t".utf8)))
            #expect((clientAddress, isSecure) == ("::1", true))
        }
    }

    @Test("a head whose path is not among its bytes has no view")
    func noView() {
        var parser = HTTP1Parser()
        let head = Array("GET http://h?b HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        unsafe head.withUnsafeBytes { bytes in
            #expect(unsafe parser.parse(bytes) == .head(length: head.count))
            let hasView =
                switch unsafe parser.view(of: bytes, clientAddress: nil, isSecure: false) {
                case .none: false
                case .some: true
                }
            #expect(!hasView)
        }
    }

    @Test("heads at their limits are read")
    func limits() {
        let many = (0..<199).map { "X-\($0): x\r\n" }.joined()
        #expect(read(many).fields.count == 200)
        let rest = 32 * 1024 - "GET / HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n".utf8.count
        #expect(read("X: \(String(repeating: "x", count: rest))\r\n").result == .head(length: 32 * 1024))
        #expect(read("X: \(String(repeating: "x", count: rest + 1))\r\n").result == .refused(.headTooLarge))
        let target = "/" + String(repeating: "a", count: 8 * 1024 - 1)
        #expect(read("", line: "GET \(target) HTTP/1.1").target == target)
        let method = String(repeating: "M", count: 32)
        #expect(read("", line: "\(method) / HTTP/1.1").method == method)
    }

    @Test("a parser that is used again forgets what it read")
    func reuse() {
        var parser = HTTP1Parser()
        let first = Array(
            "PUT http://h?b HTTP/1.0\r\nHost: x\r\nAuthorization: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"
                .utf8
        )
        let second = Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        _ = parser.parse(first.span)
        #expect(parser.parse(second.span) == .head(length: second.count))
        let head = parser.requestHead(of: second.span)
        #expect((head.method, head.target, head.version) == (.get, "/", .http1_1))
        #expect((head.headers, head.contentLength) == ([.host: "h"], 0))
        #expect(parser.authorization.isEmpty && parser.known.isEmpty && !parser.isPathMissing)
        #expect(parser.persistence == .persistent)
    }
}
