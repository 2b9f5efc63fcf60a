// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Synchronization
import Testing

@testable import HTTPServer

/// Something large would go on for much longer than a client waits; small requests are answered beside it.
@Suite("fairness between the connections of a loop", .timeLimit(.minutes(15)))
struct FairnessTests {
    /// Asks for small things beside something large, which asks each time whether it is still to go on.
    private static func askSmallThings(
        _ server: TestServer,
        beside large: @escaping @Sendable (_ goesOn: () -> Bool) throws -> Void
    ) async throws {
        let (began, isOver) = (Latch(), Latch())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { began.open() }
                try large {
                    began.open()
                    return !isOver.isOpen
                }
                #expect(isOver.isOpen, "it came to its end")
            }
            do {
                defer { isOver.open() }
                try began.wait()
                let client = try server.connect()
                for _ in 0..<50 { #expect(try client.get("/bytes?5").body == pattern(5)) }
            }
            try await group.waitForAll()
        }
    }

    @Test("a new connection goes to the loop that has the fewest")
    func fewest() async throws {
        let site = Site { _ in Response(status: .ok, body: .bytes(Array("\(pthread_self())".utf8))) }
        try await withServer(site) {
            $0.loops = 3
        } _: { server in
            func connect() throws -> (client: Client, loop: [UInt8]) {
                let client = try server.connect()
                return (client, try client.get("/").body)
            }
            let all = try (0..<9).map { _ in try connect() }
            let byLoop = Dictionary(grouping: all) { $0.loop }
            #expect(byLoop.values.map(\.count) == [3, 3, 3])
            var closed = 0
            var again: [(client: Client, loop: [UInt8])] = []
            // Whose turn it would be does not count.
            for (loop, connections) in byLoop {
                connections.forEach { $0.client.close() }
                try server.wait(forEnd: .clientClosed, count: connections.count + closed)
                closed += connections.count
                let new = try connections.map { _ in try connect() }
                #expect(new.allSatisfy { $0.loop == loop })
                again += new
            }
        }
    }

    @Test("a large download does not hold up small ones", arguments: Way.allCases)
    func download(way: Way) async throws {
        let size: Int64 = 1 << 40
        let file = try SiteFile([])
        file.truncate(to: Int(size))
        let site = Site { request in
            guard request.path == "/large" else { return try await Site.response(request) }
            return Response(status: .ok, body: .file(file, 0..<size))
        }
        try await withServer(site, over: way) { server in
            try await Self.askSmallThings(server) { goesOn in
                let client = try server.connect()
                try client.send(request("GET", "/large"))
                while try client.receive(), goesOn() { client.unread = [] }
                client.reset()
            }
        }
    }

    @Test("a large upload does not hold up small requests", arguments: Way.allCases)
    func upload(way: Way) async throws {
        let site = Site { request in
            guard request.path == "/large" else { return try await Site.response(request) }
            for try await _ in request.body {}
            return Response(status: .ok)
        }
        try await withServer(site, over: way) { server in
            try await Self.askSmallThings(server) { goesOn in
                let client = try server.connect()
                try client.send(request("POST", "/large", ["Content-Length: \(1 << 40)"]))
                let piece = pattern(1 << 20)
                repeat { try client.send(piece) } while goesOn()
                client.reset()
            }
        }
    }

    @Test("a flood of small requests does not hold up others", arguments: ["/hot?1", "/bytes?1"], Way.allCases)
    func flood(target: String, way: Way) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            try await Self.askSmallThings(server) { goesOn in
                let client = try server.connect()
                let flood = Array(String(repeating: request("GET", target), count: 300).utf8)
                var sent = 0
                repeat {
                    let offset = sent % flood.count
                    sent += try client.sendSome(Array(flood[offset..<min(flood.count, offset + 16_384)]))
                    if try client.hears(milliseconds: 0) { client.unread = [] }
                } while goesOn()
                client.reset()
            }
        }
    }
}
