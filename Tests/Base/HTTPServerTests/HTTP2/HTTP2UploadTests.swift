// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Synchronization
import Testing

@testable import HTTPServer

/// Requests with a body.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2UploadTests {
    /// Reads a body to its end, and answers with how long it was.
    private static func reader(_ notes: Notes<String> = Notes()) -> TestHandler {
        TestHandler { request, answer in
            var count = 0
            do {
                for try await piece in request.body { count += piece.count }
                notes.add("\(count)")
            } catch {
                notes.add("\(error)")
            }
            try? await answer.send(Response(status: .created, body: .bytes(Array("\(count)".utf8))))
        }
    }

    private static func upload(_ count: Int, isOpen: Bool = false) -> HTTP2Client.Upload {
        HTTP2Client.Upload(bytes: Array(repeating: 1, count: count), isOpen: isOpen)
    }

    @Test("a body arrives in pieces of bounded size, in order", arguments: [0, 1, 16_384, 16_385, 5_000_000])
    func whole(count: Int) async throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 11 >> 2) }
        let received = Notes<[UInt8]>()
        let lengths = Notes<Int64?>()
        let handler = TestHandler { request, answer in
            lengths.add(request.contentLength)
            do {
                for try await piece in request.body { received.add(piece) }
                try await answer.send(Response(status: .noContent))
            } catch {}
        }
        for announces in [true, false] {
            let before = received.all.count
            try await HTTP2Bench.run(handler) { bench in
                let fields = announces ? [("content-length", "\(count)")] : []
                let upload = HTTP2Client.Upload(bytes: content)
                let answer = try await bench.answer(HTTP2Client(), "PUT", "/", fields, upload: upload)
                #expect(answer.status == "204")
                #expect(answer.code == 0)
            }
            let pieces = received.all[before...]
            #expect(pieces.allSatisfy { !$0.isEmpty && $0.count <= ConnectionLimits.bodyPiece })
            #expect(Array(pieces.joined()) == content)
        }
        #expect(lengths.all == [Int64(count), nil])
    }

    @Test("a client sends no further ahead than its window while nobody reads")
    func window() async throws {
        let gate = Gate()
        let notes = Notes<String>()
        let reader = Self.reader(notes)
        let handler = TestHandler { request, answer in
            await gate.wait()
            await reader.handle(request, answer: answer)
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench in
                bench.exchange(with: client)
                return client.send("PUT", "/", upload: Self.upload(5_000_000))
            }
            try await bench.wait("for the window to be used", of: client) { $0.uploads[id]?.offset ?? 0 >= 1 << 20 }
            await bench.onLoop { bench in
                bench.exchange(with: client)
                #expect(client.uploads[id]?.offset == UploadCredit.streamWindow)
                #expect(bench.connection.ahead == UploadCredit.streamWindow)
                #expect(!bench.connection.isReadingPaused)
            }
            gate.open()
            try await bench.wait("for the answer", of: client) { $0.answer(id).code == 0 }
            #expect(notes.all == ["5000000"])
            await bench.onLoop { #expect($0.connection.ahead == 0) }
        }
    }

    @Test("an upload that is read may be sent to its end without a wait")
    func credit() async throws {
        let started = Gate()
        let handler = TestHandler { request, answer in
            var pieces = request.body.makeAsyncIterator()
            _ = try? await pieces.next()
            await started.wait()
            try? await answer.send(Response(status: .ok))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench in
                bench.exchange(with: client)
                return client.send(
                    "PUT",
                    "/",
                    [("content-length", "20000000")],
                    upload: Self.upload(60_000, isOpen: true)
                )
            }
            try await bench.wait("for the credit", of: client) {
                nghttp2_session_get_stream_remote_window_size($0.session, id) >= 20_000_000 - 60_000
            }
            await bench.onLoop { _ in
                #expect(nghttp2_session_get_remote_window_size(client.session) >= 20_000_000 - 60_000)
            }
            started.open()
            try await bench.wait("for the answer", of: client) { $0.answer(id).code != nil }
            // What was lent comes back.
            await bench.onLoop { #expect($0.connection.credit.lent == 0) }
        }
    }

    /// A transport that honours the pause, byte for byte.
    private static func pump(_ bench: HTTP2Bench, _ client: HTTP2Client) {
        while !bench.connection.isReadingPaused {
            bench.flush()
            client.receive(bench.takeSent())
            var frame: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(client.session, &frame)
            guard count > 0 else { return }
            bench.receive(Array(UnsafeBufferPointer(start: frame, count: count)))
        }
    }

    @Test("a connection is not read while the bodies of all connections are as many as may wait")
    func fullOfBodies() async throws {
        let gate = Gate()
        let reader = Self.reader()
        let handler = TestHandler { request, answer in
            await gate.wait()
            await reader.handle(request, answer: answer)
        }
        let limit = 300_000
        var limits = ConnectionLimits()
        limits.bodiesAhead = limit
        try await HTTP2Bench.run(handler, limits: limits) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench in
                bench.exchange(with: client)
                return client.send("PUT", "/", upload: Self.upload(900_000))
            }
            try await bench.wait("for the pause") { bench in
                Self.pump(bench, client)
                return bench.connection.isReadingPaused
            }
            await bench.onLoop { bench in
                let all = bench.context.server.bodiesAhead.load(ordering: .relaxed)
                #expect((limit..<limit + 16_384).contains(all))
                #expect(bench.connection.ahead == all)
                // What others leave is noticed in time.
                bench.context.server.bodiesAhead.wrappingSubtract(limit, ordering: .relaxed)
                bench.tick(after: 0.1)
                #expect(!bench.connection.isReadingPaused)
                bench.context.server.bodiesAhead.wrappingAdd(limit, ordering: .relaxed)
                bench.tick(after: 0.2)
                #expect(bench.connection.isReadingPaused)
            }
            gate.open()
            try await bench.wait("for the answer") { bench in
                Self.pump(bench, client)
                return client.answer(id).code == 0
            }
            await bench.onLoop { bench in
                #expect(client.answer(id).text == "900000")
                #expect(bench.context.server.bodiesAhead.load(ordering: .relaxed) == 0)
            }
        }
    }

    @Test("a fast upload whose handler becomes slow stops the connection, before it takes much memory")
    func pause() async throws {
        let gate = Gate()
        let notes = Notes<Int>()
        let handler = TestHandler { request, answer in
            var count = 0
            do {
                for try await piece in request.body {
                    count += piece.count
                    notes.add(count)
                    if count == piece.count { await gate.wait() }
                }
                try await answer.send(Response(status: .ok))
            } catch {}
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { bench in
                bench.exchange(with: client)
                return client.send("PUT", "/", upload: Self.upload(40_000_000))
            }
            try await bench.wait("for the pause") { bench in
                Self.pump(bench, client)
                return bench.connection.isReadingPaused
            }
            await bench.onLoop { #expect($0.connection.ahead < 2_300_000) }
            gate.open()
            try await bench.wait("for the answer") { bench in
                Self.pump(bench, client)
                #expect(bench.connection.ahead < 2_300_000)
                return client.answer(id).code == 0
            }
            #expect(notes.all.last == 40_000_000)
        }
    }

    @Test("100 Continue is sent when the body is asked for, and only then", arguments: [true, false])
    func expectation(reads: Bool) async throws {
        let reader = Self.reader()
        let handler = TestHandler { request, answer in
            if reads { return await reader.handle(request, answer: answer) }
            try? await answer.send(Response(status: .forbidden))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let fields = [("content-length", "5"), ("expect", "100-continue")]
            let id = await bench.onLoop { _ in
                client.send("PUT", "/", fields, upload: HTTP2Client.Upload(bytes: [], isOpen: true))
            }
            if reads {
                try await bench.wait("for 100", of: client) { $0.answer(id).informational == ["100"] }
                await bench.onLoop { _ in client.add([1, 2, 3, 4, 5], to: id, isLast: true) }
            }
            try await bench.wait("for the answer", of: client) { $0.answer(id).code != nil }
            let answer = await bench.onLoop { _ in client.answer(id) }
            #expect(answer.status == (reads ? "201" : "403"))
            #expect(answer.informational == (reads ? ["100"] : []))
        }
    }

    @Test("no 100 Continue is sent for a body that has begun to come")
    func impatient() async throws {
        let gate = Gate()
        let reader = Self.reader()
        let handler = TestHandler { request, answer in
            await gate.wait()
            await reader.handle(request, answer: answer)
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let fields = [("content-length", "5"), ("expect", "100-continue")]
            let id = await bench.onLoop { _ in client.send("PUT", "/", fields, upload: Self.upload(1, isOpen: true)) }
            try await bench.wait("for the first byte", of: client) { _ in bench.connection.ahead == 1 }
            gate.open()
            try await bench.wait("for the handler to read it", of: client) { _ in bench.connection.ahead == 0 }
            await bench.onLoop { _ in client.add([2, 3, 4, 5], to: id, isLast: true) }
            try await bench.wait("for the answer", of: client) { $0.answer(id).code != nil }
            let answer = await bench.onLoop { _ in client.answer(id) }
            #expect(answer.text == "5")
            #expect(answer.informational == [])
        }
    }

    @Test("a body of another length than announced is an error of its stream", arguments: [4, 6])
    func mismatch(announced: Int) async throws {
        let notes = Notes<String>()
        try await HTTP2Bench.run(Self.reader(notes)) { bench in
            let client = HTTP2Client(validates: false)
            let fields = [("content-length", "\(announced)")]
            let answer = try await bench.answer(client, "PUT", "/", fields, upload: Self.upload(5))
            #expect(answer.code == NGHTTP2_PROTOCOL_ERROR.rawValue)
            #expect(answer.status != "201")
            try await bench.wait("for the handler") { _ in notes.all.count == 1 }
            #expect(notes.all[0].hasPrefix("brokenOff"))
            #expect(try await bench.answer(client, "PUT", "/", upload: Self.upload(5)).status == "201")
        }
    }

    @Test("a body that breaks off never looks complete", arguments: [true, false])
    func brokenOff(resets: Bool) async throws {
        let notes = Notes<String>()
        try await HTTP2Bench.run(Self.reader(notes)) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in client.send("PUT", "/", upload: Self.upload(70_000, isOpen: true)) }
            try await bench.wait("for the body to be read", of: client) { $0.uploads[id]?.offset == 70_000 }
            try await bench.wait("for the body to be read") { $0.connection.ahead == 0 }
            await bench.onLoop { bench in
                // No error at all is still no end.
                if resets { client.reset(id, NGHTTP2_NO_ERROR) } else { bench.close() }
                bench.exchange(with: client)
            }
            try await bench.wait("for the handler") { _ in notes.all == ["brokenOff(received: 70000)"] }
        }
    }

    @Test("what came before a body broke off can still be read")
    func keptRest() async throws {
        let gate = Gate()
        let notes = Notes<String>()
        let handler = TestHandler { request, _ in
            await gate.wait()
            var count = 0
            do {
                for try await piece in request.body { count += piece.count }
            } catch {
                notes.add("\(count) \(error)")
            }
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in client.send("PUT", "/", upload: Self.upload(70_000, isOpen: true)) }
            try await bench.wait("for the body", of: client) { $0.uploads[id]?.offset == 70_000 }
            await bench.onLoop { bench in
                client.reset(id)
                bench.exchange(with: client)
            }
            gate.open()
            try await bench.wait("for the handler") { _ in notes.all == ["70000 brokenOff(received: 70000)"] }
            await bench.onLoop { #expect($0.connection.ahead == 0) }
        }
    }

    @Test("a refused upload gets its answer, then is told to stop; its window comes back")
    func refused() async throws {
        let reader = Self.reader()
        let handler = TestHandler { request, answer in
            if request.target != "/refused" { return await reader.handle(request, answer: answer) }
            let text = Array("no\n".utf8)
            try? await answer.send(Response(status: .forbidden, body: request.method == .put ? .bytes(text) : .none))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            await bench.onLoop { $0.connection.resetDelay = 100_000_000 }
            for round in 0..<20 {
                let method = round % 2 == 0 ? "PUT" : "POST"
                let id = await bench.onLoop { _ in client.send(method, "/refused", upload: Self.upload(3_000_000)) }
                try await bench.wait("for the answer", of: client) { $0.answer(id).isEnded }
                // Not at once: curl would lose the answer.
                #expect(await bench.onLoop { _ in client.answer(id).code } == nil)
                await bench.onLoop { $0.tick(after: Double(round + 1) * 0.2) }
                try await bench.wait("for the end of the stream", of: client) { $0.answer(id).code != nil }
                let answer = await bench.onLoop { _ in client.answer(id) }
                #expect(answer.status == "403")
                #expect(answer.isEnded)
                #expect(answer.code == NGHTTP2_NO_ERROR.rawValue)
            }
            let answer = try await bench.answer(client, "PUT", "/", upload: Self.upload(5_000_000))
            #expect(answer.text == "5000000")
            await bench.onLoop { #expect($0.connection.ahead == 0) }
        }
    }

    @Test("a body can be interrupted while it is read")
    func interrupted() async throws {
        let notes = Notes<String>()
        let bodies = Notes<RequestBody>()
        let reader = Self.reader(notes)
        let handler = TestHandler { request, answer in
            bodies.add(request.body)
            await reader.handle(request, answer: answer)
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in client.send("PUT", "/", upload: Self.upload(10, isOpen: true)) }
            try await bench.wait("for the handler", of: client) { _ in bodies.all.count == 1 }
            bodies.all[0].interrupt()
            bodies.removeAll()
            try await bench.wait("for the answer", of: client) { $0.answer(id).code == 0 }
            #expect(notes.all == ["interrupted"])
        }
    }

    @Test("many uploads at once all come to their end, however many they are")
    func many() async throws {
        try await HTTP2Bench.run(Self.reader()) { bench in
            let client = HTTP2Client()
            let ids = await bench.onLoop { bench -> [Int32] in
                bench.exchange(with: client)
                return (0..<120).map { _ in client.send("PUT", "/", upload: Self.upload(300_000)) }
            }
            try await bench.wait("for all answers", of: client) { client in
                ids.allSatisfy { client.answer($0).text == "300000" }
            }
        }
    }

    @Test("trailers end a body and are not read")
    func trailers() async throws {
        let notes = Notes<String>()
        try await HTTP2Bench.run(Self.reader(notes)) { bench in
            let client = HTTP2Client()
            let id = await bench.onLoop { _ in client.send("PUT", "/", upload: Self.upload(10, isOpen: true)) }
            try await bench.wait("for the body", of: client) { $0.uploads[id]?.offset == 10 }
            await bench.onLoop { _ in
                var list = HTTP2FieldList()
                list.append("x-checksum", "1")
                list.withPairs { pairs, count in
                    nghttp2_submit_headers(
                        client.session,
                        UInt8(NGHTTP2_FLAG_END_STREAM.rawValue),
                        id,
                        nil,
                        pairs,
                        count,
                        nil
                    )
                }
            }
            try await bench.wait("for the answer", of: client) { $0.answer(id).text == "10" }
        }
    }
}
