// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPServer

/// Requests without a body, and their answers.
@Suite(.timeLimit(.minutes(2)))
struct HTTP2AnswerTests {
    @Test("a GET is answered by its handler")
    func get() async throws {
        try await HTTP2Bench.run { bench in
            let answer = try await bench.answer(HTTP2Client())
            #expect(answer.status == "200")
            #expect(answer["content-length"] == "13")
            #expect(answer["date"]?.utf8.count == HTTPDate.length)
            #expect(answer.text == "hello, world\n")
            #expect(answer.code == 0)
        }
    }
}
