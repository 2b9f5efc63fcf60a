// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Testing

@testable import HTTPServer

/// Whatever comes, in whatever pieces: nothing traps, and nothing is left.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2MutationTests {
    private static var handler: TestHandler {
        TestHandler { request, answer in
            var count = 0
            do { for try await piece in request.body { count += piece.count } } catch {}
            let target = request.target
            let size = count
            try? await answer.send(
                Response(
                    status: .ok,
                    body: target.utf8.count % 2 == 0
                        ? .bytes(Array(repeating: 1, count: 1000 + size))
                        : .stream(length: nil) { writer in
                            for _ in 0..<10 { try await writer.write(Array(repeating: 2, count: 5000)) }
                        }
                )
            )
        }
    }

    /// What a client says in a conversation of requests, uploads, pings and resets.
    private static func conversation(_ generator: inout SplitMix64) -> [UInt8] {
        let client = HTTP2Client()
        var bytes = client.takeOutput()
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let path = "/" + String(repeating: "a", count: Int.random(in: 0...40, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1: client.send("GET", path, [("accept", "*/*")])
            case 2:
                let upload = HTTP2Client.Upload(
                    bytes: Array(repeating: 3, count: Int.random(in: 0...40_000, using: &generator))
                )
                client.send("PUT", path, [("content-length", "\(upload.bytes.count)")], upload: upload)
            case 3: client.reset(client.send("PUT", path, upload: .init(bytes: [1], isOpen: true)))
            case 4: client.ping()
            default: client.widen(0, by: 1000)
            }
            bytes += client.takeOutput()
        }
        return bytes
    }

    private static func mutate(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            // The preface stays what it is most of the time.
            let start = Int.random(in: 0..<10, using: &generator) == 0 ? 0 : min(33, bytes.count - 1)
            let index = Int.random(in: start..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            case 3 where bytes.count > 100:
                bytes.removeSubrange(index..<min(index + Int.random(in: 1...20, using: &generator), bytes.count))
            default:
                let type = UInt8.random(in: 0...10, using: &generator)
                let flags = UInt8.random(in: 0...255, using: &generator)
                let payload = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                let stream = UInt32.random(in: 0...12, using: &generator)
                bytes.insert(contentsOf: RawFrames.frame(type, flags, stream: stream, payload), at: index)
            }
            if bytes.count < 40 { return }
        }
    }

    @Test("conversations with any bytes changed, in any pieces, never trap, and end", arguments: SplitMix64.seeds)
    func mutations(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        for round in 0..<400 {
            var bytes = Self.conversation(&generator)
            Self.mutate(&bytes, &generator)
            let conversation = bytes
            let pieces = Int.random(in: 1...20, using: &generator)
            let acknowledges = Bool.random(using: &generator)
            try await HTTP2Bench.run(Self.handler) { bench in
                var start = 0
                while start < conversation.count {
                    let end = min(start + conversation.count / pieces + 1, conversation.count)
                    let piece = Array(conversation[start..<end])
                    await bench.onLoop { bench in
                        bench.receive(piece)
                        if acknowledges { bench.receive([]) }
                        bench.sent = []
                    }
                    start = end
                }
                let seconds = Notes<Int>()
                try await bench.wait("for the end of seed \(seed), round \(round)") { bench in
                    seconds.add(1)
                    bench.tick(after: Double(seconds.all.count))
                    return bench.connection.isFinished
                }
                await bench.onLoop { #expect($0.connection.closeReason != nil, "seed \(seed), round \(round)") }
            }
        }
    }

    @Test("pieces make no difference", arguments: SplitMix64.seeds)
    func splitting(seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        for round in 0..<20 {
            let conversation = Self.conversation(&generator)
            var results: [[String]] = []
            for size in [1, Int.random(in: 2...100, using: &generator), conversation.count] {
                let handled = Notes<String>()
                let handler = TestHandler { request, answer in
                    var count = 0
                    var end = "end"
                    do { for try await piece in request.body { count += piece.count } } catch { end = "failure" }
                    handled.add("\(request.method) \(request.target) \(end == "end" ? count : -1) \(end)")
                    try? await answer.send(Response(status: .ok))
                }
                try await HTTP2Bench.run(handler) { bench in
                    await bench.onLoop { bench in
                        var start = 0
                        while start < conversation.count {
                            bench.receive(Array(conversation[start..<min(start + size, conversation.count)]))
                            start += size
                        }
                    }
                }
                results.append(handled.all.sorted())
            }
            #expect(results[0] == results[1], "seed \(seed), round \(round)")
            #expect(results[0] == results[2], "seed \(seed), round \(round)")
        }
    }
}
