// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import Loops
import Testing

@Suite("Streamed answers")
struct StreamedAnswerTests {
    /// Answers `/stream` when it is told to go on, everything else at once.
    private struct Handler: RequestHandler {
        let begun = AsyncStream.makeStream(of: Void.self)
        let goOn = AsyncStream.makeStream(of: Void.self)

        func makeImmediateAnswers() -> (any ImmediateAnswers)? { nil }

        func handle(_ request: Request, answer: consuming AnswerWriter) async {
            guard request.path == "/stream" else {
                try? await answer.send(Response(status: .ok, body: .bytes(Array("other\n".utf8))))
                return
            }
            let response = Response(
                status: .accepted,
                body: .stream(length: nil) { writer in
                    begun.continuation.yield()
                    for await _ in goOn.stream { break }
                    try await writer.write(Array("stream\n".utf8))
                }
            )
            try? await answer.send(response)
        }
    }

    @Test("an answer that has begun and has nothing to send yet is not seen on another connection of its loop")
    func separate() async throws {
        let handler = Handler()
        let shutdown = Shutdown()
        let ports = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let server = HTTPServer(.init(addresses: [.tcp(host: "127.0.0.1", port: 0)]), handler: handler)
                _ = try await server.run(until: shutdown) { addresses in
                    if case .tcp(_, let port)? = addresses.first { ports.continuation.yield(port) }
                }
            }
            defer { shutdown.request() }
            let port = try #require(await ports.stream.first { _ in true })
            let (one, two) = (try PlainClient(port: port), try PlainClient(port: port))
            try one.send("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            for await _ in handler.begun.stream { break }
            try two.send("GET /other HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let other = try two.receive(until: "other\n")
            #expect(other.hasPrefix("HTTP/1.1 200 ") && !other.contains("Accepted"), "\(other)")
            handler.goOn.continuation.yield()
            let stream = try one.receive(until: "0\r\n\r\n")
            #expect(stream.hasPrefix("HTTP/1.1 202 ") && stream.contains("7\r\nstream\n\r\n"), "\(stream)")
        }
    }
}
