// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Glibc
import HTTPMessages
import Testing

@testable import HTTPServer

/// An open file without a name.
final class TestFile: FileContent, @unchecked Sendable {
    let descriptor: Int32

    init(_ bytes: [UInt8]) {
        var template = Array("/tmp/http2-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        unlink(template)
        write(descriptor, bytes, bytes.count)
    }

    deinit { close(descriptor) }

    func truncate(to size: Int) { ftruncate(descriptor, off_t(size)) }
}

/// Answers whose content lies in files.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2FileTests {
    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    @Test("a file's range is sent exactly", arguments: [0..<300_000, 0..<1, 16_383..<32_769, 299_999..<300_000, 5..<5])
    func range(range: Range<Int>) async throws {
        let file = TestFile(Self.content)
        let handler = TestHandler { _, answer in
            let range = Int64(range.lowerBound)..<Int64(range.upperBound)
            try? await answer.send(Response(status: .partialContent, body: .file(file, range)))
        }
        try await HTTP2Bench.run(handler) { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer["content-length"] == String(range.count))
            #expect(answer.body == Array(Self.content[range]))
            #expect(answer.frames.allSatisfy { $0 > 0 })
            #expect(answer.code == 0)
        }
    }

    @Test("a file is read as it is sent, one batch at a time")
    func batches() async throws {
        let file = TestFile(Self.content)
        let handler = TestHandler { _, answer in
            try? await answer.send(Response(status: .ok, body: .file(file, 0..<300_000)))
        }
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client(settings: [(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20)])
            await bench.onLoop { bench in
                client.widen(0, by: 1 << 20)
                client.send()
                bench.exchange(with: client)
                bench.isBlocked = true
            }
            try await bench.wait("for the answer") { $0.connection.streams.first?.hasAnswer == true }
            await bench.onLoop { bench in
                let output = bench.context.output
                var sizes: [Int] = []
                var hasMore = true
                while hasMore {
                    hasMore = bench.connection.fill(output)
                    sizes.append(output.count)
                    client.receive(Array(output.bytes))
                    output.removeAll()
                    bench.connection.drained()
                }
                #expect(sizes.count == 5)
                #expect(sizes.allSatisfy { $0 < 80_000 })
                #expect(client.answer(1).body == Self.content)
            }
        }
    }

    @Test("a file that became shorter breaks its stream off, and only that")
    func truncated() async throws {
        let file = TestFile(Self.content)
        let notes = Notes<String>()
        let handler = TestHandler { request, answer in
            let range: Range<Int64> = request.target == "/short" ? 0..<300_000 : 0..<50_000
            do {
                try await answer.send(Response(status: .ok, body: .file(file, range)))
                notes.add("sent")
            } catch {
                notes.add("broken off")
            }
        }
        file.truncate(to: 100_000)
        try await HTTP2Bench.run(handler) { bench in
            let client = HTTP2Client()
            let short = try await bench.answer(client, "GET", "/short")
            #expect(short.code == NGHTTP2_INTERNAL_ERROR.rawValue)
            #expect(!short.isEnded)
            #expect(short.body.count < 100_001)
            let whole = try await bench.answer(client, "GET", "/whole")
            #expect(whole.code == 0)
            try await bench.wait("for the handlers") { _ in notes.all == ["broken off", "sent"] }
        }
    }
}
