// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Loops
import Testing

@testable import HTTPServer

@Suite("bounds of what connections may cost", .timeLimit(.minutes(15)))
struct BoundsTests {
    @Test("connections beyond the limit wait, and cost nothing meanwhile", arguments: Way.allCases)
    func connectionLimit(way: Way) async throws {
        try await withServer(over: way, { $0.limits.connections = 5 }) { server in
            let served = try (0..<5).map { _ in try server.connect() }
            for client in served { #expect(try client.get("/bytes?5").body == pattern(5)) }
            var waiting = (0..<3).map { _ in try? server.connectPlainly() }.compactMap(\.self)
            #expect(waiting.count == 3)
            if way == .plain { for client in waiting { try client.send(request("GET", "/bytes?7")) } }
            try server.pressure.wait(count: 1)
            let before = try #require(Int64(served[0].get("/cpu").text))
            for client in waiting { #expect(!client.isReady(for: POLLIN, milliseconds: 150)) }
            let after = try #require(Int64(served[0].get("/cpu").text))
            #expect(after - before < 150_000_000, "the loop was busy for \(after - before) ns while it waited")
            // One place for each in turn.
            for index in [4, 3, 2] {
                served[index].close()
                let client = waiting.removeFirst()
                if way == .tls {
                    try client.handshake()
                    try client.send(request("GET", "/bytes?7"))
                }
                #expect(try client.answer().body == pattern(7))
                client.close()
            }
            #expect(server.pressure.all == [.connectionLimit(5)])
        }
    }

    @Test("connections wait when the process has no descriptor left, and the log hears it once")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            try await withServer { server in
                let first = try server.connect()
                #expect(try first.get("/bytes?5").body == pattern(5))
                // Descriptors for so many clients, and for none on the other side.
                var taken: [Int32] = []
                let clients = try (0..<4).map { _ in try server.connectPlainly() }
                for client in clients { #expect(try client.get("/bytes?5").body == pattern(5)) }
                let late = (0..<4).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
                while true {
                    let descriptor = dup(0)
                    guard descriptor >= 0 else { break }
                    taken.append(descriptor)
                    if taken.count == 64 { BoundsTests.limitDescriptors(to: Int(descriptor) + 1) }
                }
                #expect(errno == EMFILE)
                let connected = try late.map { try Client(connecting: $0, to: server.addresses[0]) }
                for client in connected { try client.send(request("GET", "/bytes?7")) }
                try server.pressure.wait(count: 1)
                let before = try #require(Int64(first.get("/cpu").text))
                for client in connected { #expect(!client.isReady(for: POLLIN, milliseconds: 200)) }
                let after = try #require(Int64(first.get("/cpu").text))
                #expect(after - before < 150_000_000, "the loop was busy for \(after - before) ns while it waited")
                #expect(server.pressure.all == [.descriptors])
                for descriptor in taken { close(descriptor) }
                for client in connected { #expect(try client.answer().body == pattern(7)) }
                #expect(server.pressure.all == [.descriptors])
            }
        }
    }

    fileprivate static func limitDescriptors(to count: Int) {
        var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: rlim_t(count))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Sanitizers need memory of their own for everything.
    private static let isMemoryOurs = getenv("ASAN_OPTIONS") == nil

    @Test("idle connections cost little memory", .enabled(if: isMemoryOurs))
    func idlePlain() async {
        await #expect(processExitsWith: .success) {
            try await BoundsTests.measureIdle(.plain, atMost: 4 << 10)
        }
    }

    @Test("idle connections over TLS cost little memory", .enabled(if: isMemoryOurs))
    func idleTLS() async {
        await #expect(processExitsWith: .success) {
            try await BoundsTests.measureIdle(.tls, atMost: 24 << 10)
        }
    }

    /// Opens connections that have had a request each, and looks at what the process has grown by.
    fileprivate static func measureIdle(_ way: Way, atMost limit: Int) async throws {
        _ = DescriptorLimit.raise()
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            var idle: [Client] = []
            func open(_ count: Int) throws {
                for _ in 0..<count {
                    let client = try server.connect()
                    _ = try client.get("/bytes?5")
                    _ = try client.get("/hot?5")
                    // What is the client's own must not count.
                    client.forgetTLS()
                    idle.append(client)
                }
            }
            try open(200)
            let before = residentBytes()
            try open(1000)
            let each = (residentBytes() - before) / 1000
            print("an idle connection over \(way) takes \(each) bytes")
            #expect(each < limit)
            #expect(server.ends.all.isEmpty)
        }
    }

    @Test(
        "a flood of requests by a client that does not read is stopped by its socket",
        .enabled(if: isMemoryOurs),
        arguments: ["/hot?60000", "/bytes?60000", "/hotfile?60000"]
    )
    func flood(target: String) async {
        for way in Way.allCases {
            let name = "\(way)"
            await #expect(processExitsWith: .success) { [target, name = name as String] in
                let way = name == "tls" ? Way.tls : .plain
                try await withServer(Site(hot: HotCounts()), over: way) { server in
                    let clients = try (0..<20).map { _ in try server.connect(receiveBuffer: 8 << 10) }
                    _ = try server.connect().get(target)
                    let before = residentBytes()
                    let flood = Array(String(repeating: request("GET", target), count: 100).utf8)
                    for client in clients {
                        let sent = try client.sendUntilBlocked(flood, atMost: 64 << 20)
                        #expect(sent < 64 << 20)
                    }
                    let grown = residentBytes() - before
                    // The record layer of both sides keeps up to a MiB that its socket did not take.
                    #expect(grown / clients.count < 3 << 20, "the process grew by \(grown) bytes")
                    #expect(try server.connect().get("/bytes?5").body == pattern(5))
                }
            }
        }
    }

    @Test(
        "the bodies that wait for handlers are bounded together",
        arguments: [300_000, 1_500_000],
        Way.allCases
    )
    func bodies(limit: Int, way: Way) async throws {
        let bodies = BodiesAhead()
        try await withServer(bodies.site, over: way, { $0.limits.bodiesAhead = limit }) { server in
            let (size, count) = (200_000, 20)
            let clients = try (0..<count).map { _ in try server.connect() }
            for client in clients { try client.send(upload("/", pattern(size))) }
            let other = try server.connect()
            let ahead = try bodies.rest(handlers: count, bytes: limit) { _ = try other.get("/bytes?5") }
            // Whoever reads when the last byte finds room has a piece in hand.
            #expect(ahead < limit + count * ConnectionLimits.bodyPiece)
            bodies.open()
            // Everybody's turn comes, whoever was stopped.
            for client in clients { #expect(try client.answer().text == "\(size) \(checksum(pattern(size)))") }
            #expect(bodies.count == 0)
        }
    }
}

/// How much memory the process has in use.
func residentBytes() -> Int {
    var text = [UInt8](repeating: 0, count: 200)
    let descriptor = open("/proc/self/statm", O_RDONLY)
    defer { close(descriptor) }
    let count = read(descriptor, &text, text.count)
    let words = String(decoding: text[..<max(0, count)], as: UTF8.self).split(separator: " ")
    return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
}
