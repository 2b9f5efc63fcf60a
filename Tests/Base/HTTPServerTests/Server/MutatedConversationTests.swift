// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Synchronization
import Testing

@testable import HTTPServer

/// Conversations that were right once, with bytes changed, lost, doubled and cut anywhere.
///
/// `GRANARY_CONVERSATIONS` says how many; each test runs in a process of its own, whose memory is looked at.
@Suite("mutated conversations", .timeLimit(.minutes(15)))
struct MutatedConversationTests {
    private static var count: Int { getenv("GRANARY_CONVERSATIONS").flatMap { Int(String(cString: $0)) } ?? 1500 }

    @Test("plain")
    func plain() async {
        await #expect(processExitsWith: .success) {
            try await MutatedConversationTests.run(.plain) { client, generator in
                try MutatedConversationTests.converse(client, &generator)
            }
        }
    }

    @Test("over TLS")
    func tls() async {
        await #expect(processExitsWith: .success) {
            try await MutatedConversationTests.run(.tls, share: 4) { client, generator in
                try client.handshake()
                // Some for each handshake, as long as the server plays along.
                for _ in 0..<3 { try client.send(MutatedConversationTests.mutated(&generator)) }
                try MutatedConversationTests.converse(client, &generator)
            }
        }
    }

    @Test("records of TLS")
    func records() async {
        await #expect(processExitsWith: .success) {
            try await MutatedConversationTests.run(.tls, share: 4) { client, generator in
                try Interceptor(client).converse(&generator)
            }
        }
    }

    fileprivate static func run(
        _ way: Way,
        share: Int = 1,
        _ one: @escaping @Sendable (Client, inout SplitMix64) throws -> Void
    ) async throws {
        signal(SIGPIPE, SIG_IGN)
        let configure = { @Sendable (configuration: inout Server.Configuration) in
            configuration.loops = 2
            configuration.limits.idle = .seconds(2)
            configuration.limits.uploadWindow = .seconds(1)
        }
        try await withServer(Site(hot: HotCounts(), answer), over: way, configure) { server in
            let total = max(80, count / share)
            var before = 0
            for (round, number) in [total / 8, total].enumerated() {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in 0..<4 {
                        group.addTask {
                            for index in 0..<(number / 4) {
                                let seed = UInt64(round * 4 + worker) << 32 | UInt64(index)
                                try converse(with: server, seed, one)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try server.ends.wait("the end of each connection") {
                    $0.count == server.ends.all.count && $0.count >= number / 4 * 4
                }
                if round == 0 { before = residentBytes() }
            }
            let grown = residentBytes() - before
            // Sanitizers keep what was freed for a while.
            #expect(grown < 64 << 20, "the process grew by \(grown) bytes")
            let client = try server.connect()
            #expect(try client.get("/").status == 200)
        }
    }

    private static func converse(
        with server: TestServer,
        _ seed: UInt64,
        _ one: (Client, inout SplitMix64) throws -> Void
    ) throws {
        var generator = SplitMix64(seed: seed)
        let client = try server.connectPlainly()
        do {
            try one(client, &generator)
        } catch let failure as Client.Failure {
            switch failure {
            case .reset, .tls, .broken: break
            case .timeout, .nonsense, .system: throw TookTooLong(what: "\(failure) with seed \(seed)")
            }
        }
        client.close()
    }

    fileprivate static func converse(_ client: Client, _ generator: inout SplitMix64) throws {
        let bytes = mutated(&generator)
        var start = 0
        while start < bytes.count {
            let end =
                Bool.random(using: &generator) ? bytes.count : Int.random(in: start...bytes.count, using: &generator)
            try client.send(Array(bytes[start..<end]))
            start = end
        }
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: client.reset()
        case 1: client.close()
        default:
            client.halfClose()
            let received = try client.receiveToEnd()
            let isAnswer = received.isEmpty || received.starts(with: "HTTP/1.1 ".utf8)
            guard isAnswer else { throw Client.Failure.nonsense(String(decoding: received.prefix(100), as: UTF8.self)) }
        }
    }

    /// Short answers of all kinds, chosen by the length of the target, which mutations cannot make large.
    private static let answer: Site.Answering = { request, answer in
        let size = request.target.utf8.count * 10
        let text = (try? await Site.count(request.body)) ?? ""
        let body: ResponseBody =
            switch request.target.utf8.count % 5 {
            case 0: .bytes(pattern(size))
            case 1: .stream(length: Int64(size)) { try await $0.write(pattern(size)) }
            case 2: .stream(length: nil) { try await $0.write(pattern(size)) }
            case 3: (try? SiteFile(pattern(size))).map { .file($0, 0..<Int64(size)) } ?? .none
            default: .bytes(Array(text.utf8))
            }
        try? await answer.send(Response(status: .ok, body: body))
    }

    private static let samples: [[UInt8]] = [
        Array(request("GET", "/hot?100").utf8),
        Array(request("GET", "/hotfile?100").utf8),
        Array(request("HEAD", "/hot?100", ["Accept: */*", "X-Y: z"]).utf8),
        Array(String(repeating: request("GET", "/hot?7"), count: 5).utf8),
        Array((request("GET", "/a") + request("GET", "/ab") + request("GET", "/abc") + request("GET", "/abcd")).utf8),
        Array(request("GET", "/old", ["Connection: keep-alive"], version: "1.0").utf8),
        Array(request("GET", "http://test/absolute?x").utf8),
        Array(request("OPTIONS", "*").utf8),
        Array(request("GET", "/", ["Connection: close"]).utf8),
        upload("/up", pattern(300), "X: y"),
        upload("/up", pattern(50_000)) + upload("/upp", pattern(40_000)),
        Array(request("POST", "/chunks", ["Transfer-Encoding: chunked"]).utf8)
            + chunks(pattern(9000), trailer: "A: b\r\n"),
        Array(request("POST", "/waits", ["Content-Length: 5", "Expect: 100-continue"]).utf8) + pattern(5),
        Array(request("POST", "/waits", ["Transfer-Encoding: chunked", "Expect: 100-continue"]).utf8)
            + chunks(pattern(50)),
        Array("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0],
    ]

    private static let words = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "0", "ffffffffffffffff", "-1", "HTTP/1.1", "GET ",
        "chunked",
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Host: x\r\n", "%00",
        "\u{80}",
        "Expect: 100-continue\r\n", "\r\n\r\n",
    ]

    fileprivate static func mutated(_ generator: inout SplitMix64) -> [UInt8] {
        var bytes = samples.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 0...4, using: &generator) { mutate(&bytes, &generator) }
        return bytes
    }

    fileprivate static func mutate(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
        guard !bytes.isEmpty else { return bytes = [UInt8.random(in: 0...255, using: &generator)] }
        // Heads are short and stand in front: most changes belong there.
        let reach = Bool.random(using: &generator) ? bytes.count : min(bytes.count, 200)
        let place = Int.random(in: 0..<reach, using: &generator)
        let length = min(bytes.count - place, Int.random(in: 1...40, using: &generator))
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.removeSubrange(place..<(place + length))
        case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
        case 4: bytes.removeLast(bytes.count - place)
        case 5: bytes.insert(contentsOf: (words.randomElement(using: &generator) ?? "").utf8, at: place)
        case 6: bytes += samples.randomElement(using: &generator) ?? []
        default: bytes.insert(contentsOf: generator.bytes(length), at: place)
        }
    }
}

/// Stands between a client of TLS and the server, and changes what the client sends.
private final class Interceptor {
    private let outer: Client
    private let pair: SocketPair
    private let inner: TLSClient

    /// Takes a plain connection to the server.
    init(_ outer: Client) throws {
        self.outer = outer
        pair = try SocketPair()
        inner = try TLSClient(socket: pair.client, .init(protocols: ["http/1.1"]))
    }

    func converse(_ generator: inout SplitMix64) throws {
        // The handshake is broken in a few cases only: what lies behind it is more.
        let breaksHandshake = Int.random(in: 0..<4, using: &generator) == 0
        for _ in 0..<20 where !inner.isHandshakeDone && inner.failure == nil {
            inner.handshake()
            try forward(&generator, mutates: breaksHandshake)
            guard inner.isHandshakeDone || receive() else { break }
        }
        for _ in 0..<Int.random(in: 1...3, using: &generator) where inner.isHandshakeDone {
            inner.write(MutatedConversationTests.mutated(&generator))
            try forward(&generator, mutates: true)
        }
        outer.halfClose()
        _ = try outer.receiveToEnd()
    }

    private func forward(_ generator: inout SplitMix64, mutates: Bool) throws {
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        bytes.removeLast(bytes.count - max(0, recv(pair.server, &bytes, bytes.count, 0)))
        guard !bytes.isEmpty else { return }
        if mutates, Bool.random(using: &generator) { MutatedConversationTests.mutate(&bytes, &generator) }
        try outer.send(bytes)
    }

    /// Hands on what the server sends; false at its end, or when it waits.
    private func receive() -> Bool {
        guard outer.isReady(for: POLLIN, milliseconds: 300), (try? outer.receive()) == true else { return false }
        write(pair.server, outer.unread, outer.unread.count)
        outer.unread = []
        return true
    }
}
