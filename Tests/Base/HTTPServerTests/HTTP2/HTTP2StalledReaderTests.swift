// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Testing

@testable import HTTPServer

/// Clients that ask for much and take nothing.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2StalledReaderTests {
    private static let narrow: [(nghttp2_settings_id, UInt32)] = [(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1)]

    /// Counts what is open at the same time.
    private final class Contents: Sendable {
        let opened = Notes<Int>()
        let closed = Notes<Int>()
        var open: Int { opened.all.count - closed.all.count }
    }

    private static func handler(_ contents: Contents, _ body: @escaping @Sendable () -> ResponseBody) -> TestHandler {
        TestHandler { _, answer in
            contents.opened.add(1)
            try? await answer.send(Response(status: .ok, body: body()))
            contents.closed.add(1)
        }
    }

    @Test(
        "a hundred stalled answers hold a few contents open, and read nothing ahead",
        arguments: ["file", "bytes", "stream"]
    )
    func bounded(kind: String) async throws {
        let file = TestFile(Array(repeating: 1, count: 1_000_000))
        let contents = Contents()
        let written = Notes<Int>()
        let handler = Self.handler(contents) {
            switch kind {
            case "file": .file(file, 0..<1_000_000)
            case "bytes": .bytes(Array(repeating: 1, count: 1_000_000))
            default:
                .stream(length: nil) { writer in
                    while true {
                        try await writer.write(Array(repeating: 1, count: 16_384))
                        written.add(16_384)
                    }
                }
            }
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client(settings: Self.narrow, widens: false)
            let ids = await bench.onLoop { _ in (0..<100).map { _ in client.send() } }
            try await bench.wait("for the windows to be used", of: client) { client in
                ids.filter { client.answer($0).body.count == 1 }.count == HandlerSlots.most
            }
            for _ in 0..<100 { await Task.yield() }
            #expect(contents.open == HandlerSlots.most)
            #expect(written.all.reduce(0, +) <= HandlerSlots.most * (OutgoingPieces.highWater + 16_384))
            await bench.onLoop { bench in
                bench.tick(after: 299)
                #expect(bench.connection.closeReason == nil)
                bench.tick(after: 300.2)
                #expect(bench.connection.closeReason == .stalledReader)
                #expect(bench.connection.isFinished)
                bench.close()
            }
            try await bench.wait("for the contents to be closed") { _ in contents.open == 0 }
            #expect(contents.opened.all.count == HandlerSlots.most)
        }
    }

    @Test("those that wait are answered as others end")
    func queue() async throws {
        let contents = Contents()
        try await HTTP2Bench.run(Self.handler(contents) { .bytes(Array(repeating: 1, count: 100)) }) { bench in
            let client = HTTP2Client(settings: Self.narrow, widens: false)
            let ids = await bench.onLoop { _ in (0..<100).map { _ in client.send() } }
            try await bench.wait("for all answers", of: client) { client in
                // Half of them are taken, the others given up.
                for id in ids where client.answer(id).body.count == 1 && client.answer(id).code == nil {
                    if id % 4 == 1 { client.widen(id, by: 100) } else { client.reset(id) }
                }
                return ids.allSatisfy { client.answer($0).code != nil }
            }
            // A handler lets go of its content before it comes to its end.
            try await bench.wait("for the handlers") {
                contents.closed.all.count == 100 && $0.connection.slots.running == 0
            }
        }
    }

    @Test("a stream that is stalled beside one that goes on is given up alone")
    func oneOfTwo() async throws {
        let contents = Contents()
        try await HTTP2Bench.run(Self.handler(contents) { .bytes(Array(repeating: 1, count: 2000)) }) { bench in
            let client = HTTP2Client(settings: Self.narrow, widens: false)
            let (stalled, good) = await bench.onLoop { _ in (client.send(), client.send()) }
            try await bench.wait("for the windows to be used", of: client) { client in
                [stalled, good].allSatisfy { client.answer($0).body.count == 1 }
            }
            await bench.onLoop { bench in
                for second in 1...400 {
                    client.widen(good, by: 1)
                    bench.exchange(with: client)
                    bench.tick(after: Double(second))
                }
                bench.exchange(with: client)
                #expect(client.answer(stalled).code == NGHTTP2_CANCEL.rawValue)
                #expect(client.answer(good).code == nil)
                #expect(bench.connection.closeReason == nil)
                client.widen(good, by: 2000)
                bench.exchange(with: client)
                #expect(client.answer(good).code == 0)
            }
        }
    }

    @Test("a handler that is slow itself is not its client's fault")
    func slowWriter() async throws {
        let gate = Gate()
        let handler = TestHandler { _, answer in
            let body = ResponseBody.stream(length: nil) { writer in
                try await writer.write([1])
                await gate.wait()
            }
            try? await answer.send(Response(status: .ok, body: body))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in client.send() }
            try await bench.wait("for the beginning", of: client) { $0.answer(id).body == [1] }
            await bench.onLoop { bench in
                for second in stride(from: 10, through: 1000, by: 10) { bench.tick(after: Double(second)) }
                #expect(bench.connection.closeReason == nil)
            }
            gate.open()
            try await bench.wait("for the end", of: client) { $0.answer(id).code == 0 }
        }
    }

    @Test("how long the system takes nothing is not judged here")
    func blockedSystem() async throws {
        let contents = Contents()
        try await HTTP2Bench.run(Self.handler(contents) { .bytes(Array(repeating: 1, count: 1_000_000)) }) { bench in
            let client = HTTP2Client(settings: [(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20)])
            await bench.onLoop { bench in
                client.widen(0, by: 1 << 20)
                client.send()
                bench.exchange(with: client)
                bench.isBlocked = true
            }
            try await bench.wait("for the answer") { $0.connection.streams.first?.hasAnswer == true }
            await bench.onLoop { bench in
                #expect(bench.connection.fill(bench.context.output))
                bench.context.output.removeAll()
                for second in stride(from: 10, through: 1000, by: 10) { bench.tick(after: Double(second)) }
                #expect(bench.connection.closeReason == nil)
            }
        }
    }
}
