// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Testing

@testable import HTTPServer

@Suite("trusted proxies", .timeLimit(.minutes(15)))
struct ProxyTests {
    @Test(
        "networks contain their addresses and no others",
        arguments: [
            (["10.0.0.0/8"], "10.1.2.3", true), (["10.0.0.0/8"], "11.0.0.1", false), (["10.0.0.0/8"], "::1", false),
            (["192.0.2.1"], "192.0.2.1", true), (["192.0.2.1"], "192.0.2.2", false), (["0.0.0.0/0"], "8.8.8.8", true),
            (["0.0.0.0/0"], "2001:db8::1", false), (["192.0.2.128/25"], "192.0.2.200", true),
            (["192.0.2.128/25"], "192.0.2.100", false), (["fd00::/8"], "fd12:3456::1", true),
            (["fd00::/8"], "fe00::1", false),
            (["::1"], "::1", true), (["2001:db8::/127"], "2001:db8::1", true),
            (["2001:db8::/127"], "2001:db8::2", false),
            (["::/0"], "2001:db8::1", true), (["127.0.0.1", "::1"], "::1", true), (["unix"], "127.0.0.1", false),
            (["unix"], nil, true), (["10.0.0.0/8"], nil, false), ([], "127.0.0.1", false), ([], nil, false),
            (["192.0.2.1"], "::ffff:192.0.2.1", true), (["::ffff:192.0.2.0/124"], "192.0.2.1", true),
            (["::ffff:192.0.2.0/124"], "192.0.2.17", false), (["::ffff:192.0.2.1"], "192.0.2.1", true),
        ] as [([String], String?, Bool)]
    )
    func networks(texts: [String], address: String?, isTrusted: Bool) throws {
        #expect(try TrustedProxies(texts).contains(address) == isTrusted)
    }

    @Test(
        "what is no network is told",
        arguments: [
            "", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "host", "10.0.0.1/", "10.0.0.0/8/8",
            "::ffff:10.0.0.0/8", "::ffff:10.0.0.0/129", "::ffff:10.0.0.0/-9223372036854775808",
            " 10.0.0.1",
        ]
    )
    func invalid(text: String) {
        #expect(throws: InvalidNetwork(text: text)) { try TrustedProxies(["127.0.0.1", text]) }
    }

    private static func version2(_ command: UInt8, _ family: UInt8, _ addresses: [UInt8], length: Int? = nil) -> [UInt8]
    {
        let count = length ?? addresses.count
        return [
            13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, command, family, UInt8(count >> 8),
            UInt8(count & 255),
        ]
            + addresses
    }

    private static let four: [UInt8] = [192, 0, 2, 7, 127, 0, 0, 1, 0x30, 0x39, 0, 80]
    private static let six: [UInt8] =
        [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [9] + [UInt8](repeating: 0, count: 15) + [
            1, 0x30, 0x39, 0, 80,
        ]

    struct Header: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        /// The client's address, empty for none; nil when the header is invalid.
        let client: String?

        var testDescription: String { String(decoding: bytes.prefix(60), as: UTF8.self) }

        init(_ text: String, _ client: String?) { self.init(Array(text.utf8), client) }

        init(_ bytes: [UInt8], _ client: String?) {
            self.bytes = bytes
            self.client = client
        }
    }

    static let examples = [
        Header("PROXY TCP4 192.0.2.7 127.0.0.1 12345 80\r\n", "192.0.2.7"),
        Header("PROXY TCP6 2001:db8::9 ::1 12345 80\r\n", "2001:db8::9"),
        Header("PROXY UNKNOWN\r\n", ""),
        Header("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", ""),
        Header("PROXY TCP4 192.0.2.7 127.0.0.1 12345\r\n", nil),
        Header("PROXY TCP4 192.0.2.7 127.0.0.1 12345 99999\r\n", nil),
        Header("PROXY TCP4 192.0.2.7 127.0.0.1 x 80\r\n", nil),
        Header("PROXY TCP4 192.0.2.777 127.0.0.1 12345 80\r\n", nil),
        Header("PROXY TCP4 192.0.2.7 nowhere 12345 80\r\n", nil),
        Header("PROXY TCP4 2001:db8::9 ::1 12345 80\r\n", nil),
        Header("PROXY TCP6 192.0.2.7 127.0.0.1 12345 80\r\n", nil),
        Header("PROXY TCP4  192.0.2.7 127.0.0.1 12345 80\r\n", nil),
        Header("PROXY UDP4 192.0.2.7 127.0.0.1 12345 80\r\n", nil),
        Header("PROXY TCP4 192.0.2.7 127.0.0.1 12345 80\n", nil),
        Header("PROXY \r\n", nil),
        Header("PROXY TCP4 " + String(repeating: "x", count: 100), nil),
        Header(version2(0x21, 0x11, four), "192.0.2.7"),
        Header(version2(0x21, 0x21, six), "2001:db8::9"),
        Header(version2(0x21, 0x11, four + [UInt8](repeating: 4, count: 300)), "192.0.2.7"),
        Header(version2(0x20, 0x00, []), ""),
        Header(version2(0x20, 0x11, four), ""),
        Header(version2(0x21, 0x00, []), ""),
        Header(version2(0x21, 0x31, [UInt8](repeating: 65, count: 216)), ""),
        Header(version2(0x21, 0x11, Array(four.dropLast())), nil),
        Header(version2(0x21, 0x21, four), nil),
        Header(version2(0x22, 0x11, four), nil),
        Header(version2(0x11, 0x11, four), nil),
        Header(version2(0x21, 0x11, four, length: 600), nil),
        Header(version2(0x21, 0x11, four + [UInt8](repeating: 4, count: 508)), "192.0.2.7"),
        Header(version2(0x21, 0x11, four + [UInt8](repeating: 4, count: 509)), nil),
    ]

    @Test("headers of the PROXY protocol are read, whole and in parts", arguments: examples)
    func headers(example: Header) {
        let result = ProxyHeader.read(example.bytes + Array("GET".utf8))
        guard let client = example.client else { return #expect(result == .invalid) }
        #expect(result == .header(length: example.bytes.count, client: NetworkAddress(client)))
        for count in 0..<example.bytes.count {
            #expect(ProxyHeader.read(Array(example.bytes[..<count])) == .incomplete, "\(count) bytes")
        }
    }

    @Test(
        "what begins otherwise has no header",
        arguments: ["GET / HTTP/1.1\r\n", "PROXZ", "PUT", "\r\nGET", "\u{16}\u{3}"]
    )
    func absent(text: String) {
        #expect(ProxyHeader.read(Array(text.utf8)) == .absent)
    }

    private static let forwarded: [([String], String, Bool)] =
        [
            ([], "127.0.0.1", false),
            (["X-Forwarded-For: 192.0.2.7"], "192.0.2.7", false),
            (["X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https"], "192.0.2.7", true),
            (["X-Forwarded-Proto: https"], "127.0.0.1", true),
            (["X-Forwarded-Proto: HTTPS"], "127.0.0.1", true),
            (["X-Forwarded-Proto: http"], "127.0.0.1", false),
            (["X-Forwarded-For: 1.1.1.1, 192.0.2.7"], "192.0.2.7", false),
            (["X-Forwarded-For: 1.1.1.1, 192.0.2.7, 10.0.0.1"], "192.0.2.7", false),
            (["X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 192.0.2.7"], "192.0.2.7", false),
            (["X-Forwarded-For: 10.0.0.2, 10.0.0.1"], "10.0.0.2", false),
            (["X-Forwarded-For: 192.0.2.7:4711"], "192.0.2.7", false),
            (["X-Forwarded-For: [2001:db8::9]:4711"], "2001:db8::9", false),
            (["X-Forwarded-For: 2001:db8::9"], "2001:db8::9", false),
            (["X-Forwarded-For: nonsense"], "127.0.0.1", false),
            (["X-Forwarded-For: 192.0.2.7, nonsense, 10.0.0.1"], "10.0.0.1", false),
            (["X-Forwarded-For:"], "127.0.0.1", false),
            (["Forwarded: for=192.0.2.7"], "192.0.2.7", false),
            (["Forwarded: for=192.0.2.7;proto=https;by=10.0.0.1"], "192.0.2.7", true),
            (["Forwarded: For=\"[2001:db8::9]:4711\";Proto=HTTPS"], "2001:db8::9", true),
            (["Forwarded: for=1.1.1.1;proto=https, for=192.0.2.7;proto=http"], "192.0.2.7", false),
            (["Forwarded: for=192.0.2.7;proto=https, for=10.0.0.1;proto=http"], "192.0.2.7", true),
            (["Forwarded: for=1.1.1.1", "Forwarded: for=192.0.2.7"], "192.0.2.7", false),
            (["Forwarded: for=unknown"], "127.0.0.1", false),
            (["Forwarded: for=_hidden, for=10.0.0.1"], "10.0.0.1", false),
            (["Forwarded: for=192.0.2.7", "X-Forwarded-For: 1.1.1.1", "X-Forwarded-Proto: https"], "127.0.0.1", false),
            (["Forwarded: for=1.1.1.1;proto=https", "X-Forwarded-For: 192.0.2.7"], "127.0.0.1", false),
            (["Forwarded: for=1.1.1.1;proto=https", "X-Forwarded-Proto: http"], "127.0.0.1", false),
            (["Forwarded: for=192.0.2.7;proto=https", "X-Forwarded-For: 192.0.2.7"], "192.0.2.7", true),
            (["Forwarded: for=\"1.1.1.1, for=2.2.2.2\", for=192.0.2.7"], "192.0.2.7", false),
            // A client chooses what a proxy repeats in quotes.
            (["Forwarded: for=192.0.2.7;host=\"a;for=1.1.1.1;x=\""], "192.0.2.7", false),
            (["Forwarded: for=192.0.2.7;host=\"a,for=1.1.1.1;x=\""], "192.0.2.7", false),
            (["Forwarded: for=192.0.2.7;host=\"a\\\";for=1.1.1.1;x=\\\"\""], "192.0.2.7", false),
            (["Forwarded: for=192.0.2.7;host=\"a\\\\\";proto=https"], "192.0.2.7", true),
            (["Forwarded: host=\"x,y\"; for=\"192.0.2.7\""], "192.0.2.7", false),
            (["Forwarded: for=1.1.1.1;host=\"", "Forwarded: for=192.0.2.7"], "192.0.2.7", false),
            // Malformed, as by a proxy that repeats a quote as it is.
            (["Forwarded: for=192.0.2.7;host=\"a\";for=1.1.1.1;x=\"\""], "127.0.0.1", false),
            (["Forwarded: for=1.1.1.1;host=\", for=192.0.2.7"], "127.0.0.1", false),
            (["Forwarded: for=192.0.2.7;host=\"a\"b"], "127.0.0.1", false),
            (["Forwarded: for=192.0.2.7;nonsense"], "127.0.0.1", false),
        ]

    @Test("the client is the last address that is not trusted", arguments: forwarded)
    func origins(fields: [String], client: String, isSecure: Bool) async throws {
        let site = Self.origin
        let proxies = try TrustedProxies(["127.0.0.0/8", "10.0.0.0/8"])
        try await withServer(site, { $0.proxies = proxies }) { server in
            let connection = try server.connect()
            try connection.send(request("GET", "/", fields))
            #expect(try connection.answer().text == "\(client) \(isSecure)")
        }
        // From anybody else they mean nothing.
        let strangers = try TrustedProxies(["10.0.0.0/8", "unix"])
        try await withServer(site, { $0.proxies = strangers }) { server in
            let connection = try server.connect()
            try connection.send(request("GET", "/", fields))
            #expect(try connection.answer().text == "127.0.0.1 false")
        }
    }

    private static let origin = Site {
        Response(status: .ok, body: .bytes(Array("\($0.clientAddress ?? "-") \($0.isSecure)".utf8)))
    }

    @Test("over HTTP/2 a proxy is believed as it is over HTTP/1.1, or not at all", arguments: [true, false])
    func originsOverHTTP2(isTrusted: Bool) async throws {
        let proxies = try TrustedProxies(isTrusted ? ["127.0.0.0/8", "10.0.0.0/8"] : ["10.0.0.0/8", "unix"])
        try await withServer(Self.origin, over: .tls, { $0.proxies = proxies }) { server in
            let (caller, other) = (try Caller(server), try server.connect())
            for (fields, client, _) in Self.forwarded {
                let text = try caller.answer(caller.http2.send("GET", "/", fields.map(Self.pair))).text
                try other.send(request("GET", "/", fields))
                #expect(try other.answer().text == text, "\(fields)")
                #expect(text.hasPrefix((isTrusted ? client : "127.0.0.1") + " "), "\(fields)")
                if !isTrusted { #expect(text.hasSuffix(" true"), "\(fields)") }
            }
        }
    }

    /// A field as HTTP/2 has it.
    private static func pair(_ field: String) -> (String, String) {
        let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (parts[0].lowercased(), String(parts[1].drop { $0 == " " }))
    }

    @Test("a proxy tells its client before the handshake of HTTP/2", arguments: examples.filter { $0.client != nil })
    func headersBeforeHTTP2(example: Header) async throws {
        let client = example.client.flatMap { $0.isEmpty ? nil : $0 }
        let proxies = try TrustedProxies(["127.0.0.1"])
        try await withServer(Self.who, over: .tls, { $0.proxies = proxies }) { server in
            let caller = try Caller(server, saying: example.bytes)
            #expect(try String(decoding: caller.get("/"), as: UTF8.self) == client ?? "127.0.0.1")
            // The client's own word is not a proxy's.
            let forged = caller.http2.send("GET", "/", [("x-forwarded-for", "1.1.1.1")])
            #expect(try caller.answer(forged).text == client ?? "1.1.1.1")
        }
    }

    /// Notes what it is asked about, and answers nothing.
    private final class Witness: ImmediateAnswers {
        private let seen: Record<HeadView.Fields>

        init(_ seen: Record<HeadView.Fields>) { self.seen = seen }

        func answer(to head: borrowing HeadView) -> ImmediateAnswer? {
            seen.append(head.fields)
            return nil
        }

        func ended(_ answer: ImmediateAnswer, isComplete: Bool) {}
    }

    @Test("what answers at once is told of a proxy's fields when the proxy is trusted", arguments: [true, false])
    func forwardedHeads(isTrusted: Bool) async throws {
        let seen = Record<HeadView.Fields>()
        let handler = TestHandler(answers: { Witness(seen) }) { _, answer in
            try? await answer.send(Response(status: .ok))
        }
        let fields = ["Forwarded: for=192.0.2.7", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https"]
        let proxies = try TrustedProxies([isTrusted ? "127.0.0.1" : "10.0.0.1"])
        for way in Way.allCases {
            try await withServer(handler, over: way, { $0.proxies = proxies }) { server in
                let client = try server.connect()
                let caller = way == .tls ? try Caller(server) : nil
                for field in fields + ["Accept: a"] {
                    _ = try client.get("/", field)
                    if let caller { _ = try caller.answer(caller.http2.send("GET", "/", [Self.pair(field)])) }
                }
            }
        }
        let told: HeadView.Fields = isTrusted ? .forwarded : []
        let each = { (count: Int) in
            Array(repeating: told, count: fields.count * count) + Array(repeating: [], count: count)
        }
        #expect(seen.all == each(1) + each(2))
    }

    private static let who = Site { Response(status: .ok, body: .bytes(Array(($0.clientAddress ?? "-").utf8))) }

    @Test(
        "a trusted proxy tells its client before the first byte, in one piece or byte by byte",
        arguments: examples,
        Way.allCases
    )
    func overSockets(example: Header, way: Way) async throws {
        let proxies = try TrustedProxies(["127.0.0.1"])
        try await withServer(Self.who, over: way, { $0.proxies = proxies }) { server in
            for isSplit in [false, true] {
                let client = try server.connectPlainly()
                do {
                    if isSplit {
                        for byte in example.bytes { try client.send([byte]) }
                    } else {
                        try client.send(example.bytes)
                    }
                    if example.client != nil, way == .tls { try client.handshake() }
                    try client.send(request("GET", "/"))
                } catch Client.Failure.reset {}
                guard let expected = example.client else {
                    #expect(try client.isClosedByServer())
                    continue
                }
                #expect(try client.answer().text == (expected.isEmpty ? "127.0.0.1" : expected))
                // Only the connection's first bytes may be a header; and the client's own word is not a proxy's.
                let forged = try client.get("/", "X-Forwarded-For: 1.1.1.1")
                #expect(forged.text == (expected.isEmpty ? "1.1.1.1" : expected))
            }
            if example.client == nil { try server.wait(forEnd: .refused, count: 2) }
        }
    }

    @Test("a trusted peer need not send a header", arguments: ["POST", "GET", "PUT", "PROX"], Way.allCases)
    func withoutHeader(method: String, way: Way) async throws {
        let proxies = try TrustedProxies(["127.0.0.1"])
        try await withServer(Self.who, over: way, { $0.proxies = proxies }) { server in
            let client = try server.connect()
            for byte in request(method, "/").utf8 { try client.send([byte]) }
            #expect(try client.answer().text == "127.0.0.1")
        }
    }

    @Test("plain HTTP on a TLS port is told so when the peer is trusted, too")
    func plainOnTLS() async throws {
        let proxies = try TrustedProxies(["127.0.0.1"])
        try await withServer(Self.who, over: .tls, { $0.proxies = proxies }) { server in
            for isSplit in [false, true] {
                let client = try server.connectPlainly()
                let text = Array(request("PUT", "/").utf8)
                if isSplit { for byte in text.prefix(1) { try client.send([byte]) } }
                client.dawdle(milliseconds: isSplit ? 30 : 0)
                try client.send(Array(text.dropFirst(isSplit ? 1 : 0)))
                #expect(try client.answer().text == HTTP1Refusal.plainOnTLS.sentence + "\n")
            }
        }
    }

    @Test("a header that never ends is not waited for, and costs nothing meanwhile", arguments: [false, true])
    func unfinished(isEnded: Bool) async throws {
        let folder = try TemporaryFolder()
        let proxies = try TrustedProxies(["unix", "127.0.0.1"])
        let addresses: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 0), .unix(path: folder.file("socket"))]
        let configure = { @Sendable (configuration: inout Server.Configuration) in
            configuration.proxies = proxies
            configuration.addresses = addresses
            configuration.limits.idle = .milliseconds(600)
        }
        try await withServer(Site(), configure) { server in
            for (index, address) in server.addresses.enumerated() {
                let before = try Self.loopNanoseconds(server)
                let client = try Client(address)
                try client.send("PROXY TCP4 192.0")
                if isEnded { client.close() }
                try server.wait(forEnd: isEnded ? .brokenOff : .idle, count: index + 1)
                let after = try Self.loopNanoseconds(server)
                #expect(after - before < 150_000_000, "the loop was busy for \(after - before) ns")
            }
        }
    }

    private static func loopNanoseconds(_ server: TestServer) throws -> Int64 {
        let client = try server.connect()
        defer { client.close() }
        return try #require(Int64(client.get("/cpu").text))
    }
}
