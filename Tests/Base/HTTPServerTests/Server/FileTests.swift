// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Synchronization
import Testing

@testable import HTTPServer

@Suite("files as answers", .timeLimit(.minutes(15)))
struct FileTests {
    private static let sizes = [0, 1, 64 << 10, 64 << 10 + 1, 3 << 20 + 12_345]

    @Test("files of every size arrive as they are", arguments: sizes, Way.allCases)
    func whole(size: Int, way: Way) async throws {
        let hot = HotCounts()
        try await withServer(Site(hot: hot), over: way) { server in
            let client = try server.connect()
            for target in ["/file?\(size)", "/hotfile?\(size)"] {
                let answer = try client.get(target)
                #expect(answer["Content-Length"] == "\(size)")
                #expect(answer.body == pattern(size))
            }
            try client.send(request("GET", "/file?\(size)", version: "1.0"))
            #expect(try client.answer().body == pattern(size))
            #expect(try client.isClosedByServer())
            #expect(hot.complete.load(ordering: .relaxed) == 1)
            #expect(hot.broken.load(ordering: .relaxed) == 0)
        }
    }

    @Test("files of every size arrive at a client that is slow", arguments: sizes, Way.allCases)
    func slowly(size: Int, way: Way) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect(receiveBuffer: 8 << 10)
            for target in ["/file?\(size)", "/hotfile?\(size)"] {
                #expect(try client.get(target).body == pattern(size))
            }
        }
    }

    @Test("a range of a file is just that", arguments: Way.allCases)
    func ranges(way: Way) async throws {
        let size: Int64 = 500_000
        let file = try SiteFile(pattern(Int(size)))
        let ranges: [Range<Int64>] = [0..<1, 0..<size, 1..<size, 4096..<70_000, size - 1..<size, 100..<100]
        let site = Site { request in
            let range = ranges[Int(request.path.dropFirst()) ?? 0]
            return Response(status: .partialContent, body: .file(file, range))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            for (index, range) in ranges.enumerated() {
                let answer = try client.get("/\(index)")
                #expect(answer.body == pattern(range.count, from: Int(range.lowerBound)))
            }
        }
    }

    @Test("a file that ends early breaks the connection", arguments: ["1.0", "1.1"], Way.allCases)
    func tooShort(version: String, way: Way) async throws {
        let size = 300_000
        let file = try SiteFile(pattern(1000))
        let site = Site { request in
            guard request.path == "/short" else { return try await Site.response(request) }
            return Response(status: .ok, body: .file(file, 0..<Int64(size)))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("GET", "/short", version: version))
            #expect(throws: Client.Failure.self) { try client.answer() }
            try server.wait(forEnd: .bodyFailed)
            #expect(try server.connect().get("/bytes?5").body == pattern(5))
        }
    }

    @Test("a file that is truncated while it is sent breaks the connection", arguments: Way.allCases)
    func truncated(way: Way) async throws {
        let size = 40 << 20
        let hot = HotCounts()
        try await withServer(Site(hot: hot), over: way) { server in
            let client = try server.connect(receiveBuffer: 16 << 10)
            try client.send(request("GET", "/hotfile?\(size)"))
            while client.unread.count < 100_000 { _ = try client.receive() }
            hot.files.all[0].truncate(to: 1000)
            #expect(throws: Client.Failure.self) { try client.answer() }
            try server.wait(forEnd: .bodyFailed)
            #expect(hot.broken.load(ordering: .relaxed) == 1)
            #expect(hot.complete.load(ordering: .relaxed) == 0)
        }
    }

    @Test("a file is let go when its client is gone", arguments: Way.allCases)
    func gone(way: Way) async throws {
        let hot = HotCounts()
        try await withServer(Site(hot: hot), over: way) { server in
            let client = try server.connect(receiveBuffer: 16 << 10)
            try client.send(request("GET", "/hotfile?\(40 << 20)"))
            while client.unread.count < 100_000 { _ = try client.receive() }
            client.reset()
            try server.wait(forEnd: .brokenOff)
            #expect(hot.broken.load(ordering: .relaxed) == 1)
        }
    }

    @Test("the descriptor of a file is closed once its answer has ended", arguments: Way.allCases)
    func released(way: Way) async throws {
        let held = WeakFile()
        let site = Site { _ in
            let file = try SiteFile(pattern(200_000))
            held.file.withLock { $0.file = file }
            return Response(status: .ok, body: .file(file, 0..<200_000))
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            for _ in 0..<3 { #expect(try client.get("/").body == pattern(200_000)) }
            // The handler's task ends behind the last byte.
            client.close()
            try server.wait(forEnd: .clientClosed)
        }
        #expect(held.file.withLock { $0.file } == nil)
    }

    private final class WeakFile: Sendable {
        struct Reference: Sendable {
            weak var file: SiteFile?
        }

        let file = Mutex(Reference())
    }
}
