// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Testing

@testable import HTTPServer

/// How connections end.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2EndTests {
    @Test("a connection without streams ends at once when the server stops")
    func idle() async throws {
        try await HTTP2Bench.run { bench in
            let client = HTTP2Client()
            _ = try await bench.answer(client)
            await bench.onLoop { bench in
                bench.connection.shutDown()
                bench.exchange(with: client)
                #expect(client.goAway == NGHTTP2_NO_ERROR.rawValue)
                #expect(bench.connection.isFinished)
                #expect(bench.connection.closeReason == .shutdown)
            }
        }
    }

    @Test("what is under way comes to its end when the server stops, and nothing new begins")
    func busy() async throws {
        let gate = Gate()
        let handled = Notes<String>()
        let handler = TestHandler { request, answer in
            handled.add(request.target)
            await gate.wait()
            var count = 0
            do { for try await piece in request.body { count += piece.count } } catch {}
            try? await answer.send(Response(status: .ok, body: .bytes(Array("\(count)".utf8))))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench -> Int32 in
                let id = client.send("PUT", "/first", upload: HTTP2Client.Upload(bytes: [1], isOpen: true))
                bench.exchange(with: client)
                bench.connection.shutDown()
                bench.connection.shutDown()
                // Not having heard of it, the client asks once more.
                let late = client.send("GET", "/late")
                bench.receive(client.takeOutput())
                bench.exchange(with: client)
                #expect(client.answer(late).code == NGHTTP2_REFUSED_STREAM.rawValue)
                #expect(!bench.connection.isFinished)
                return id
            }
            gate.open()
            await bench.onLoop { _ in client.add([2], to: id, isLast: true) }
            try await bench.wait("for the answer", of: client) { $0.answer(id).code == 0 }
            await bench.onLoop { bench in
                #expect(client.answer(id).text == "2")
                #expect(bench.connection.isFinished)
                #expect(bench.connection.closeReason == .shutdown)
            }
            #expect(handled.all == ["/first"])
        }
    }

    @Test(
        "a server that stops does not wait for a head",
        arguments: [
            [], RawFrames.headers(1, isWhole: false), Array(RawFrames.headers(1).dropLast()),
            RawFrames.headers(1) + RawFrames.reset(1) + RawFrames.headers(3, isWhole: false),
        ]
    )
    func stopsWithoutRequest(bytes: [UInt8]) async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.receive(RawFrames.start + bytes)
                bench.connection.shutDown()
                bench.flush()
                #expect(bench.connection.isFinished)
                #expect(bench.connection.closeReason == .shutdown)
                #expect(bench.goAway == 0)
            }
        }
    }

    @Test("a client that says goodbye is served to the end")
    func goodbye() async throws {
        let gate = Gate()
        let handler = TestHandler { _, answer in
            await gate.wait()
            try? await answer.send(Response(status: .ok))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench -> Int32 in
                let id = client.send()
                nghttp2_submit_goaway(client.session, 0, 0, NGHTTP2_NO_ERROR.rawValue, nil, 0)
                bench.exchange(with: client)
                #expect(!bench.connection.isFinished)
                return id
            }
            gate.open()
            try await bench.wait("for the answer", of: client) { $0.answer(id).code == 0 }
            await bench.onLoop { bench in
                #expect(bench.connection.isFinished)
                #expect(bench.connection.closeReason == .clientClosed)
            }
        }
    }

    @Test(
        "what is not HTTP/2 ends the connection",
        arguments: [
            Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r".utf8),
            RawFrames.preface + RawFrames.headers(1), RawFrames.preface + RawFrames.frame(4, 1),
            RawFrames.start + RawFrames.headers(2), RawFrames.start + RawFrames.headers(0),
            RawFrames.start + RawFrames.headers(1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            RawFrames.start + RawFrames.data(1, [1]), RawFrames.start + RawFrames.data(0, [1]),
            RawFrames.start + RawFrames.reset(1), RawFrames.start + RawFrames.windowUpdate(0, 0),
            RawFrames.start + RawFrames.frame(6, [1]),
            RawFrames.start + RawFrames.frame(5, 4, stream: 1, [0, 0, 0, 2]),
            RawFrames.start + RawFrames.frame(0, stream: 1, Array(repeating: 0, count: 16_385)),
            RawFrames.start + RawFrames.headers(1, isWhole: false) + RawFrames.ping,
            RawFrames.start + RawFrames.frame(4, 1) + RawFrames.frame(4, 1),
            RawFrames.start + RawFrames.frame(4, [0, 4, 0x80, 0, 0, 0]),
        ] as [[UInt8]]
    )
    func garbage(bytes: [UInt8]) async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.receive(bytes)
                #expect(bench.connection.isFinished)
                #expect(bench.connection.closeReason == .refused)
                #expect((bench.goAway ?? 0) != 0)
                // Nothing of what follows counts.
                bench.receive(RawFrames.headers(5))
                #expect(bench.connection.streams.isEmpty)
            }
        }
    }

    @Test("a connection that cannot say its last word ends nevertheless")
    func lastWord() async throws {
        try await HTTP2Bench.run { bench in
            await bench.onLoop { bench in
                bench.isBlocked = true
                bench.receive(RawFrames.start)
                bench.tick(after: 61)
                #expect(bench.connection.closeReason == .idle)
                #expect(!bench.connection.isFinished)
                bench.tick(after: 62.1)
                #expect(bench.connection.isFinished)
            }
        }
    }

    @Test("settings offer what is promised")
    func settings() async throws {
        try await HTTP2Bench.run { bench in
            let client = HTTP2Client()
            await bench.onLoop { bench in
                bench.exchange(with: client)
                let offered: (nghttp2_settings_id) -> UInt32 = {
                    nghttp2_session_get_remote_settings(client.session, $0)
                }
                #expect(offered(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS) == 128)
                #expect(offered(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) == 1 << 20)
                #expect(offered(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE) < 1 << 20)
                #expect(nghttp2_session_get_remote_window_size(client.session) == 2 << 20)
            }
        }
    }
}
