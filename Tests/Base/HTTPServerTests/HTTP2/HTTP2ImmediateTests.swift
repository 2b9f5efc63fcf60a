// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPServer

/// Knows one path.
private final class OneAnswer: ImmediateAnswers {
    static let variable = "0123456789abcdef"
    let prepared: PreparedAnswer
    let ended: Notes<Bool>
    let seen: Notes<HeadView.Fields>

    init(_ content: PreparedAnswer.Content, _ ended: Notes<Bool>, _ seen: Notes<HeadView.Fields>) {
        prepared = PreparedAnswer(
            [
                .contentType: "text/plain",
                .contentLength: "\(PreparedAnswer([:], variable: .eTag, content: content, token: 0).sizeInBytes)",
            ],
            variable: HTTPField.Name(token: "X-Request-ID"),
            content: content,
            token: 1
        )
        self.ended = ended
        self.seen = seen
    }

    func answer(to head: borrowing HeadView) -> ImmediateAnswer? {
        seen.add(head.fields)
        guard head.method != .other, head.target.elementsEqual("/hot?x".utf8), head.version == .http2, head.isSecure,
            head.fields.isSubset(of: [.authorization])
        else { return nil }
        if head.fields.contains(.authorization), !head.authorization.elementsEqual("Bearer abc".utf8) { return nil }
        var variable = InlineArray<16, UInt8>(repeating: 0)
        for (index, byte) in Self.variable.utf8.enumerated() { variable[index] = byte }
        return ImmediateAnswer(prepared: prepared, variable: variable, start: 0)
    }

    func ended(_ answer: ImmediateAnswer, isComplete: Bool) { ended.add(isComplete) }
}

/// Answers without a wait.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2ImmediateTests {
    private let ended = Notes<Bool>()
    private let seen = Notes<HeadView.Fields>()

    private func handler(_ content: PreparedAnswer.Content) -> TestHandler {
        TestHandler(answers: { [ended, seen] in OneAnswer(content, ended, seen) }) { _, answer in
            try? await answer.send(Response(status: .ok, body: .bytes(Array("slow".utf8))))
        }
    }

    @Test("a prepared answer is sent with its date and its variable field", arguments: ["GET", "HEAD"])
    func prepared(method: String) async throws {
        try await HTTP2Bench.run(handler(.bytes(Array("fast".utf8)))) { bench in
            let answer = try await bench.answer(HTTP2Client(), method, "/hot?x", [("authorization", "Bearer abc")])
            #expect(answer.fields.map(\.name) == ["date", "x-request-id", "content-type", "content-length"])
            #expect(answer["x-request-id"] == OneAnswer.variable)
            #expect(answer["content-length"] == "4")
            #expect(answer["date"]?.hasSuffix(" GMT") == true)
            #expect(answer.text == (method == "GET" ? "fast" : ""))
            #expect(answer.code == 0)
        }
        #expect(ended.all == [true])
    }

    @Test("a prepared file is sent")
    func file() async throws {
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try await HTTP2Bench.run(handler(.file(TestFile(content), sizeInBytes: 100_000))) { bench in
            let answer = try await bench.answer(HTTP2Client(), "GET", "/hot?x")
            #expect(answer.body == content)
        }
        #expect(ended.all == [true])
    }

    @Test("an empty prepared answer ends with its head")
    func empty() async throws {
        try await HTTP2Bench.run(handler(.bytes([]))) { bench in
            let answer = try await bench.answer(HTTP2Client(), "GET", "/hot?x")
            #expect(answer.frames == [])
            #expect(answer.isEnded)
        }
    }

    @Test("what is not answered at once goes to the handler, and a body is not asked about")
    func others() async throws {
        try await HTTP2Bench.run(handler(.bytes(Array("fast".utf8)))) { bench in
            let client = HTTP2Client()
            for (method, path, fields) in [
                ("GET", "/other", []), ("GET", "/hot?x", [("range", "bytes=0-1")]), ("PUT", "/hot?x", []),
            ] {
                let answer = try await bench.answer(client, method, path, fields)
                #expect(answer.text == "slow")
            }
            let count = seen.all.count
            let answer = try await bench.answer(client, "GET", "/hot?x", upload: HTTP2Client.Upload(bytes: [1]))
            #expect(answer.text == "slow")
            #expect(seen.all.count == count)
        }
        #expect(ended.all == [])
    }

    @Test("a head says what an answer may depend on")
    func fields() async throws {
        let table: [([(String, String)], HeadView.Fields)] = [
            ([("accept", "*/*")], []),
            ([("authorization", "a")], [.authorization]),
            ([("authorization", "a"), ("authorization", "b")], [.authorization, .ambiguous]),
            ([("range", "bytes=0-")], [.range]),
            ([("range", "bytes=0-"), ("range", "bytes=1-")], [.range, .ambiguous]),
            ([("if-none-match", "*")], [.condition]),
            ([("if-modified-since", "x")], [.condition]),
            ([("if-range", "x")], [.condition]),
            ([("cookie", "a=b")], [.cookie]),
            ([("expect", "100-continue")], [.expect]),
            // Nobody trusts the peer.
            ([("forwarded", "for=x"), ("x-forwarded-for", "y")], []),
        ]
        try await HTTP2Bench.run(handler(.bytes([]))) { bench in
            let client = HTTP2Client()
            for (fields, _) in table { _ = try await bench.answer(client, "GET", "/", fields) }
        }
        #expect(seen.all == table.map(\.1))
    }

    @Test(
        "a prepared answer counts as sent when the system took it, and as broken off when it did not",
        arguments: [true, false]
    )
    func completion(isTaken: Bool) async throws {
        try await HTTP2Bench.run(handler(.bytes(Array("fast".utf8)))) { bench in
            let client = HTTP2Client()
            await bench.onLoop { bench in
                bench.exchange(with: client)
                client.send("GET", "/hot?x")
                bench.isBlocked = true
                bench.receive(client.takeOutput())
                while bench.connection.fill(bench.context.output) {}
            }
            #expect(ended.all == [])
            await bench.onLoop { bench in
                if isTaken { bench.connection.drained() } else { bench.close() }
            }
            #expect(ended.all == [isTaken])
        }
        #expect(ended.all == [isTaken])
    }

    @Test("a prepared answer breaks off with its stream")
    func reset() async throws {
        try await HTTP2Bench.run(handler(.bytes(Array(repeating: 1, count: 100_000)))) { bench in
            let client = HTTP2Client(widens: false)
            await bench.onLoop { bench in
                let id = client.send("GET", "/hot?x")
                bench.exchange(with: client)
                #expect(client.answer(id).body.count == 65_535)
                client.reset(id)
                bench.exchange(with: client)
            }
        }
        #expect(ended.all == [false])
    }
}
