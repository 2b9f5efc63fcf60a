// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Synchronization
import Testing

@testable import HTTPServer

@Suite("fairness between the connections of a loop")
struct FairnessTests {
    /// Counts small requests as long as something large goes on beside them.
    private static func smallRequests(_ server: TestServer, beside large: @escaping @Sendable () throws -> Void)
        async throws -> Int
    {
        let isOver = Latch()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { isOver.open() }
                try large()
            }
            let client = try server.connect()
            var count = 0
            while !isOver.isOpen {
                #expect(try client.get("/bytes?5").body == pattern(5))
                count += 1
            }
            try await group.waitForAll()
            return count
        }
    }

    @Test("a large download does not hold up small ones", arguments: Way.allCases)
    func download(way: Way) async throws {
        let size: Int64 = 1 << 30
        let file = try SiteFile([])
        file.truncate(to: Int(size))
        let site = Site { request in
            guard request.path == "/large" else { return try await Site.response(request) }
            return Response(status: .ok, body: .file(file, 0..<size))
        }
        try await withServer(site, over: way) { server in
            let count = try await Self.smallRequests(server) {
                let client = try server.connect()
                try client.send(request("GET", "/large"))
                var received: Int64 = 0
                while received < size, try client.receive() {
                    received += Int64(client.unread.count)
                    client.unread = []
                }
                #expect(received >= size)
            }
            #expect(count > 20)
        }
    }

    @Test("a large upload does not hold up small requests", arguments: Way.allCases)
    func upload(way: Way) async throws {
        let size = 256 << 20
        let site = Site { request in
            guard request.path == "/large" else { return try await Site.response(request) }
            var count = 0
            for try await piece in request.body { count += piece.count }
            return Response(status: .ok, body: .bytes(Array("\(count)".utf8)))
        }
        try await withServer(site, over: way) { server in
            let count = try await Self.smallRequests(server) {
                let client = try server.connect()
                try client.send(request("POST", "/large", ["Content-Length: \(size)"]))
                let piece = pattern(1 << 20)
                for _ in 0..<(size / piece.count) { try client.send(piece) }
                #expect(try client.answer().text == "\(size)")
            }
            #expect(count > 20)
        }
    }

    @Test("a flood of small requests does not hold up others", arguments: ["/hot?1", "/bytes?1"], Way.allCases)
    func flood(target: String, way: Way) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let count = try await Self.smallRequests(server) {
                let client = try server.connect()
                let flood = Array(String(repeating: request("GET", target), count: 300).utf8)
                let requests = 300 * 60
                var (sent, received) = (0, 0)
                while sent < flood.count * 60 {
                    let offset = sent % flood.count
                    sent += try client.sendSome(Array(flood[offset..<min(flood.count, offset + 16_384)]))
                    guard client.isReady(for: POLLIN, milliseconds: 0) else { continue }
                    _ = try client.receive()
                    received += client.unread.count
                    client.unread = []
                }
                // The last answer tells that all were given.
                try client.send(request("GET", "/bytes?3", ["Connection: close"]))
                received += try client.receiveToEnd().count
                #expect(received > requests * 50)
            }
            #expect(count > 20)
        }
    }
}
