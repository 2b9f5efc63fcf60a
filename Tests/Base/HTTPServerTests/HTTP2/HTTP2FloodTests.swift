// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Testing

@testable import HTTPServer

/// Clients that cost more than they ask for.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2FloodTests {
    private static let upload = RawFrames.headers(1, RawFrames.post, ends: false)

    /// What is sent again and again, beside an upload.
    private static let floods: [(name: String, frame: @Sendable (Int) -> [UInt8])] = [
        ("WINDOW_UPDATE of the connection", { _ in RawFrames.windowUpdate(0, 1) }),
        ("WINDOW_UPDATE of a stream", { _ in RawFrames.windowUpdate(1, 1) }),
        ("WINDOW_UPDATE of closed streams", { _ in RawFrames.windowUpdate(3, 1) }),
        ("SETTINGS", { _ in RawFrames.settings }),
        ("PING", { _ in RawFrames.ping }),
        ("acknowledged PING", { _ in RawFrames.frame(6, 1, Array(repeating: 0, count: 8)) }),
        ("PRIORITY", { RawFrames.frame(2, stream: UInt32($0 % 100) * 2 + 5, [0, 0, 0, 0, 1]) }),
        ("empty DATA", { _ in RawFrames.data(1, []) }),
        ("DATA with padding alone", { _ in RawFrames.frame(0, 8, stream: 1, [10] + Array(repeating: 0, count: 10)) }),
        ("unknown frames", { _ in RawFrames.frame(99) }),
        (
            "streams that are reset",
            { index in
                let id = UInt32(index) * 2 + 5
                return RawFrames.headers(id) + RawFrames.reset(id)
            }
        ),
        (
            "uploads that are reset",
            { index in
                let id = UInt32(index) * 2 + 5
                return RawFrames.headers(id, RawFrames.post, ends: false) + RawFrames.reset(id)
            }
        ),
        (
            "streams that the server must reset",
            { index in
                let id = UInt32(index) * 2 + 5
                return RawFrames.headers(id, [0x82])
            }
        ),
        (
            "windows beyond their bound",
            { index in
                let id = UInt32(index) * 2 + 5
                return RawFrames.headers(id, RawFrames.post, ends: false) + RawFrames.windowUpdate(id, 0x7FFF_FFFF)
            }
        ),
    ]

    private static var waiting: TestHandler {
        TestHandler { request, answer in
            do {
                for try await _ in request.body {}
                try await answer.send(Response(status: .ok))
            } catch {}
        }
    }

    @Test("a flood of frames ends the connection", arguments: floods.indices)
    func flood(index: Int) async throws {
        let flood = Self.floods[index]
        try await HTTP2Bench.run(Self.waiting) { bench in
            await bench.onLoop { bench in
                // The answered stream 3 is closed.
                bench.receive(RawFrames.start + Self.upload + RawFrames.headers(3) + RawFrames.reset(3))
                var count = 0
                while bench.connection.closeReason == nil, count < 3000 {
                    bench.receive(flood.frame(count))
                    count += 1
                }
                #expect(bench.connection.closeReason == .flood, "\(flood.name)")
                #expect(bench.goAway == NGHTTP2_ENHANCE_YOUR_CALM.rawValue, "\(flood.name)")
                #expect(count > 90, "\(flood.name)")
            }
        }
    }

    @Test("bodies that come again and again though they are refused end the connection")
    func unwantedBodies() async throws {
        let handler = TestHandler { _, answer in try? await answer.send(Response(status: .forbidden)) }
        try await HTTP2Bench.run(handler) { bench in
            await bench.onLoop { bench in
                // The streams end by their bodies.
                bench.connection.resetDelay = .max
                bench.receive(RawFrames.start + RawFrames.frame(4, 1))
            }
            let content = [UInt8](repeating: 7, count: 16_384)
            var count = 0
            while count < 300, await bench.onLoop({ $0.connection.closeReason }) == nil {
                let id = UInt32(count) * 2 + 1
                await bench.onLoop { bench in
                    bench.sent = []
                    bench.receive(RawFrames.headers(id, RawFrames.post, ends: false))
                }
                try await bench.wait("for the refusal") { bench in
                    bench.connection.slots.uploads == 0
                        && RawFrames.parse(bench.sent).contains { $0.type == 1 && $0.stream == id }
                }
                await bench.onLoop { bench in
                    for part in 1...64 { bench.receive(RawFrames.data(id, content, ends: part == 64)) }
                }
                count += 1
            }
            await bench.onLoop { bench in
                #expect(bench.connection.closeReason == .flood)
                #expect(bench.goAway == NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
            }
            // A client of whom some large uploads are refused is none.
            #expect(count > 120)
        }
    }

    @Test("CONTINUATION without end ends the connection")
    func continuation() async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.receive(RawFrames.start + RawFrames.headers(1, isWhole: false))
                var count = 0
                while bench.connection.closeReason == nil, count < 1000 {
                    bench.receive(RawFrames.frame(9, 0, stream: 1, []))
                    count += 1
                }
                #expect(bench.connection.closeReason != nil)
                #expect(count < 300)
            }
        }
    }

    @Test("a flood that the client does not let the server answer ends the connection as well")
    func blockedFlood() async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.receive(RawFrames.start)
                bench.isBlocked = true
                for second in 1...1000 {
                    for _ in 0..<10 { bench.receive(RawFrames.ping) }
                    bench.tick(after: Double(second))
                    // Its own idle time is not what ends it here.
                    bench.connection.idleSince = bench.connection.now
                }
                #expect(bench.connection.closeReason == .flood)
            }
        }
    }

    @Test("a client that takes large answers in small steps is no flood")
    func smallSteps() async throws {
        let content = Array(repeating: UInt8(1), count: 10_000_000)
        let handler = TestHandler { _, answer in
            try? await answer.send(Response(status: .ok, body: .bytes(content)))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client(widens: false)
            let id = await bench.onLoop { _ in client.send() }
            try await bench.wait("for the beginning", of: client) { $0.answer(id).body.count == 65_535 }
            await bench.onLoop { bench in
                while client.answer(id).code == nil, bench.connection.closeReason == nil {
                    client.widen(0, by: 4096)
                    client.widen(id, by: 4096)
                    bench.exchange(with: client)
                }
                #expect(client.answer(id).code == 0)
                #expect(client.answer(id).body.count == content.count)
            }
        }
    }

    @Test("a hundred streams that are given up at once are no flood, nor are pings now and then")
    func goodClient() async throws {
        try await HTTP2Bench.run(Self.waiting) { bench in
            let client = HTTP2Client()
            for round in 0..<20 {
                await bench.onLoop { bench in
                    let ids = (0..<100).map { _ in client.send("PUT", "/", upload: .init(bytes: [1], isOpen: true)) }
                    bench.exchange(with: client)
                    for id in ids { client.reset(id) }
                    for _ in 0..<10 { client.ping() }
                    bench.exchange(with: client)
                    bench.tick(after: Double(round) * 10)
                    #expect(bench.connection.closeReason == nil)
                }
                try await bench.wait("for the handlers to notice") { $0.connection.slots.uploads == 0 }
            }
        }
    }

    @Test("streams that are reset leave at most a bounded number of handlers behind")
    func handlersOfResetStreams() async throws {
        let gate = Gate()
        let running = Notes<String>()
        let handler = TestHandler { request, answer in
            running.add(request.target)
            await gate.wait()
            try? await answer.send(Response(status: .ok))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            for round in 0..<4 {
                await bench.onLoop { bench in
                    for method in ["GET", "PUT"] {
                        let upload = method == "PUT" ? HTTP2Client.Upload(bytes: [1], isOpen: true) : nil
                        let ids = (0..<50).map { _ in client.send(method, "/\(method)", upload: upload) }
                        bench.exchange(with: client)
                        for id in ids { client.reset(id) }
                        bench.exchange(with: client)
                    }
                    bench.tick(after: Double(round + 1) * 20)
                }
            }
            try await bench.wait("for the handlers") { _ in
                running.all.count >= HandlerSlots.most + HandlerSlots.mostUploads
            }
            await bench.onLoop { bench in
                #expect(bench.connection.slots.running == HandlerSlots.most)
                #expect(bench.connection.slots.uploads == HandlerSlots.mostUploads)
            }
            #expect(running.all.count == HandlerSlots.most + HandlerSlots.mostUploads)
            gate.open()
            try await bench.wait("for the handlers to end") {
                $0.connection.slots.running == 0 && $0.connection.slots.uploads == 0
            }
            #expect(try await bench.answer(client).status == "200")
        }
    }

    @Test("more streams than were offered are refused or end the connection")
    func tooManyStreams() async throws {
        try await HTTP2Bench.run(Self.waiting) { bench in
            await bench.onLoop { bench in
                bench.receive(RawFrames.start + RawFrames.frame(4, 1))
                for index in 0..<200 {
                    bench.receive(RawFrames.headers(UInt32(index) * 2 + 1, RawFrames.post, ends: false))
                }
                #expect(bench.connection.streams.count <= HTTP2Connection.mostStreams)
                #expect(bench.connection.closeReason == .refused)
            }
        }
    }
}
