// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Testing

@testable import HTTPServer

/// Clients that let the server wait.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2DeadlineTests {
    @Test(
        "a client that does not go on loses its connection",
        arguments: [
            [], RawFrames.preface, RawFrames.preface.dropLast(8), RawFrames.start, RawFrames.start + [0, 0],
            RawFrames.start + RawFrames.headers(1, isWhole: false),
            RawFrames.start + RawFrames.headers(1, isWhole: false) + RawFrames.frame(9, 0, stream: 1, [0x84]),
            RawFrames.start + RawFrames.headers(1).dropLast(),
            RawFrames.start + RawFrames.headers(1, RawFrames.post, ends: false) + RawFrames.reset(1),
            RawFrames.start + RawFrames.ping.prefix(10),
        ] as [[UInt8]]
    )
    func silence(bytes: [UInt8]) async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.receive(bytes)
                bench.tick(after: 59)
                #expect(bench.connection.closeReason == nil)
                #expect(!bench.connection.isFinished)
                bench.tick(after: 60.1)
                #expect(bench.connection.closeReason == .idle)
                #expect(bench.connection.isFinished)
                #expect(bench.goAway != nil)
            }
        }
    }

    @Test("a frame that drips in ends the connection, however regularly its bytes come")
    func drip() async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.receive(RawFrames.start + RawFrames.headers(1, RawFrames.post, ends: false))
                bench.receive(Array(RawFrames.data(1, Array(repeating: 1, count: 16_384)).prefix(1000)))
                for second in 1...59 {
                    bench.tick(after: Double(second))
                    bench.receive([1])
                    #expect(bench.connection.closeReason == nil)
                }
                bench.tick(after: 60.1)
                #expect(bench.connection.closeReason == .idle)
            }
        }
    }

    @Test("a connection is not idle while its client has yet to take an answer from the system")
    func heldBySystem() async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.receive(RawFrames.start)
                bench.delivery = .underWay
                bench.tick(after: 60.1)
                #expect(bench.connection.closeReason == nil)
                bench.delivery = .complete
                // From then on it has all the time of an idle one.
                bench.tick(after: 120)
                #expect(bench.connection.closeReason == nil)
                bench.delivery = .stalled
                bench.tick(after: 120.3)
                #expect(bench.connection.closeReason == .stalledReader)
                #expect(bench.connection.isFinished)
            }
        }
    }

    @Test("a connection is idle from its last answer on, whatever pings come")
    func idle() async throws {
        try await HTTP2Bench.run { bench in
            let client = HTTP2Client()
            await bench.onLoop { $0.tick(after: 50) }
            _ = try await bench.answer(client)
            await bench.onLoop { bench in
                for second in stride(from: 54, through: 106, by: 4) {
                    client.ping()
                    bench.exchange(with: client)
                    bench.tick(after: Double(second))
                    #expect(bench.connection.closeReason == nil)
                }
                bench.tick(after: 110.1)
                bench.exchange(with: client)
                #expect(bench.connection.closeReason == .idle)
                #expect(client.goAway == NGHTTP2_NO_ERROR.rawValue)
            }
        }
    }

    @Test("a request that is handled for long is not idle")
    func longHandler() async throws {
        let gate = Gate()
        let handler = TestHandler { _, answer in
            await gate.wait()
            try? await answer.send(Response(status: .ok))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench in
                let id = client.send()
                bench.exchange(with: client)
                for second in stride(from: 10, through: 1000, by: 10) { bench.tick(after: Double(second)) }
                #expect(bench.connection.closeReason == nil)
                return id
            }
            gate.open()
            try await bench.wait("for the answer", of: client) { $0.answer(id).code == 0 }
        }
    }

    /// Says why a body ended, and answers.
    private static func reader(_ notes: Notes<String>) -> TestHandler {
        TestHandler { request, answer in
            var count = 0
            var status = HTTPResponse.Status.created
            do {
                for try await piece in request.body { count += piece.count }
                notes.add("\(count)")
            } catch {
                notes.add("\(error)")
                status = .requestTimeout
            }
            try? await answer.send(Response(status: status))
        }
    }

    @Test("an upload that is too slow ends with an answer, and the connection goes on", arguments: [0, 1000])
    func slow(bytesPerSecond: Int) async throws {
        let notes = Notes<String>()
        try await HTTP2Bench.run(Self.reader(notes)) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench in
                client.send("PUT", "/", upload: HTTP2Client.Upload(bytes: [1], isOpen: true))
            }
            try await bench.wait("for the handler to wait", of: client) { $0.uploads[id]?.offset == 1 }
            try await bench.wait("for the handler to wait") { $0.connection.ahead == 0 }
            for tenth in 1...310 {
                await bench.onLoop { bench in
                    bench.tick(after: Double(tenth) / 10)
                    // A good client of another kind, which measures its connection.
                    if tenth % 40 == 0 { client.ping() }
                    if bytesPerSecond > 0, tenth % 10 == 0 {
                        client.add(Array(repeating: 1, count: bytesPerSecond), to: id, isLast: false)
                    }
                    bench.exchange(with: client)
                }
                try await bench.wait("for the handler to wait") { $0.connection.ahead == 0 }
            }
            try await bench.wait("for the answer", of: client) { $0.answer(id).code != nil }
            #expect(notes.all == ["tooSlow"])
            #expect(await bench.onLoop { _ in client.answer(id).status } == "408")
            await bench.onLoop { #expect($0.connection.closeReason == nil) }
        }
    }

    @Test("a slow upload above the least rate comes to its end, with pings beside it")
    func slowEnough() async throws {
        let notes = Notes<String>()
        try await HTTP2Bench.run(Self.reader(notes)) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench in
                client.send("PUT", "/", upload: HTTP2Client.Upload(bytes: [1], isOpen: true))
            }
            for second in 1...200 {
                await bench.onLoop { bench in
                    bench.tick(after: Double(second))
                    if second % 4 == 0 { client.ping() }
                    client.add(Array(repeating: 1, count: 1100), to: id, isLast: second == 200)
                    bench.exchange(with: client)
                }
                try await bench.wait("for the handler to wait") { $0.connection.ahead == 0 }
            }
            try await bench.wait("for the answer", of: client) { $0.answer(id).status == "201" }
            #expect(await bench.onLoop { _ in client.pings } == 50)
        }
    }

    @Test("a client that may not send is not too slow")
    func withoutCredit() async throws {
        let gate = Gate()
        let notes = Notes<String>()
        let reader = Self.reader(notes)
        let handler = TestHandler { request, answer in
            if request.target == "/late" { await gate.wait() }
            await reader.handle(request, answer: answer)
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            // Uploads that nobody reads use the connection's window up.
            let late = await bench.onLoop { bench -> [Int32] in
                bench.exchange(with: client)
                return (0..<3).map { _ in
                    client.send(
                        "PUT",
                        "/late",
                        upload: HTTP2Client.Upload(bytes: Array(repeating: 1, count: 2_000_000))
                    )
                }
            }
            try await bench.wait("for the window to be used", of: client) {
                nghttp2_session_get_remote_window_size($0.session) == 0
            }
            let id = await bench.onLoop { _ in client.send("PUT", "/", upload: HTTP2Client.Upload(bytes: [1])) }
            await bench.onLoop { bench in
                bench.exchange(with: client)
                for tenth in 1...600 { bench.tick(after: Double(tenth) / 10) }
                #expect(client.uploads[id]?.offset == 0)
            }
            #expect(notes.all == [])
            gate.open()
            try await bench.wait("for the answers", of: client) { client in
                (late + [id]).allSatisfy { client.answer($0).status == "201" }
            }
        }
    }
}
