// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Loops
import Testing

@testable import HTTPServer

/// Answers whose content a function writes.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2StreamedBodyTests {
    private struct Failure: Error {}

    private static func handler(
        length: Int64?,
        _ notes: Notes<String> = Notes(),
        _ write: @escaping @Sendable (BodyWriter) async throws -> Void
    ) -> TestHandler {
        TestHandler { _, answer in
            do {
                try await answer.send(Response(status: .ok, body: .stream(length: length, write)))
                notes.add("sent")
            } catch {
                notes.add("\(type(of: error))")
            }
        }
    }

    @Test("what is written arrives, whatever the pieces", arguments: [nil, 150_005])
    func pieces(length: Int64?) async throws {
        let content = (0..<150_005).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        let notes = Notes<String>()
        let handler = Self.handler(length: length, notes) { writer in
            var start = 0
            for size in [0, 1, 4, 50_000, 100_000] {
                try await writer.write(Array(content[start..<start + size]))
                if size == 4 { try await writer.flush() }
                start += size
            }
        }
        try await HTTP2Bench.run(handler) { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.body == content)
            #expect(answer["content-length"] == length.map { String($0) })
            #expect(answer.code == 0)
            // The end of a known length goes with its last byte.
            if length != nil { #expect(answer.frames.allSatisfy { $0 > 0 }) }
            try await bench.wait("for the handler") { _ in notes.all == ["sent"] }
        }
    }

    @Test("a body that is not what was announced never looks complete", arguments: [3, 5])
    func wrongLength(length: Int64) async throws {
        let notes = Notes<String>()
        let handler = Self.handler(length: length, notes) { try await $0.write([1, 2, 3, 4]) }
        try await HTTP2Bench.run(handler) { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.code == NGHTTP2_INTERNAL_ERROR.rawValue)
            #expect(!answer.isEnded)
            try await bench.wait("for the handler") { _ in notes.all == ["AnswerBrokenOff"] }
        }
    }

    @Test("a body whose function fails is broken off")
    func failure() async throws {
        let notes = Notes<String>()
        let handler = Self.handler(length: nil, notes) { writer in
            try await writer.write([1, 2, 3])
            throw Failure()
        }
        try await HTTP2Bench.run(handler) { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.status == "200" || answer.status == "")
            #expect(answer.code == NGHTTP2_INTERNAL_ERROR.rawValue)
            #expect(!answer.isEnded)
            try await bench.wait("for the handler") { _ in notes.all == ["Failure"] }
        }
    }

    @Test("a writer goes on when what it wrote was sent before it began to wait", arguments: [nil, 200_000])
    func sentBeforeWaiting(length: Int64?) async throws {
        let notes = Notes<String>()
        let flush = Notes<@Sendable () -> Void>()
        let handler = Self.handler(length: length, notes) { writer in
            flush.all.first?()
            try await writer.write([UInt8](repeating: 7, count: 200_000))
        }
        try await HTTP2Bench.run(handler) { bench in
            // On the loop the handler's bytes are taken at once; this turn comes before the one in which it waits.
            flush.add {
                #expect(bench.loop.isCurrent)
                bench.loop.execute { bench.flush() }
            }
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.body.count == 200_000)
            try await bench.wait("for the handler") { _ in notes.all == ["sent"] }
        }
    }

    @Test("a writer waits while the client does not read")
    func backpressure() async throws {
        let written = Notes<Int>()
        let handler = Self.handler(length: nil) { writer in
            for index in 0..<100 {
                try await writer.write(Array(repeating: 1, count: 10_000))
                written.add(index)
            }
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client(widens: false)
            let id = await bench.onLoop { _ in client.send() }
            try await bench.wait("for the window to be used", of: client) { $0.answer(id).body.count == 65_535 }
            for _ in 0..<100 { await Task.yield() }
            // What was sent, and what waits at most.
            #expect(written.all.count <= 14)
            for _ in 0..<20 {
                await bench.onLoop { _ in
                    client.widen(0, by: 50_000)
                    client.widen(id, by: 50_000)
                }
            }
            try await bench.wait("for the rest", of: client) { $0.answer(id).code == 0 }
            #expect(await bench.onLoop { _ in client.answer(id).body.count } == 1_000_000)
        }
    }

    @Test("a writer that waits hears when the client gives up", arguments: [true, false])
    func givenUp(resets: Bool) async throws {
        let notes = Notes<String>()
        let handler = Self.handler(length: nil, notes) { writer in
            while true { try await writer.write(Array(repeating: 1, count: 10_000)) }
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client(widens: false)
            let id = await bench.onLoop { _ in client.send() }
            try await bench.wait("for the window to be used", of: client) { $0.answer(id).body.count == 65_535 }
            await bench.onLoop { bench in
                if resets { client.reset(id) } else { bench.close() }
                bench.exchange(with: client)
            }
            try await bench.wait("for the handler") { _ in notes.all == ["AnswerBrokenOff"] }
        }
    }

    @Test("what was written goes out while more is to come")
    func flush() async throws {
        let gate = Gate()
        let handler = Self.handler(length: nil) { writer in
            try await writer.write([1, 2, 3])
            try await writer.flush()
            await gate.wait()
            try await writer.write([4])
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in client.send() }
            try await bench.wait("for the beginning", of: client) { $0.answer(id).body == [1, 2, 3] }
            gate.open()
            try await bench.wait("for the end", of: client) { $0.answer(id).code == 0 }
            #expect(await bench.onLoop { _ in client.answer(id).body } == [1, 2, 3, 4])
        }
    }
}
