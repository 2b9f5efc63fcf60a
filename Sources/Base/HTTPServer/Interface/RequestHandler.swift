// SPDX-License-Identifier: Apache-2.0

/// What a server does with requests.
package protocol RequestHandler: Sendable {
    /// Answers a request, on the loop of its connection unless it waits for something elsewhere.
    ///
    /// An answer must be sent before this returns; without one the client gets 500.
    func handle(_ request: Request, answer: consuming AnswerWriter) async

    /// Makes what answers requests without a wait, one for each loop; nil where there is nothing of the kind.
    func makeImmediateAnswers() -> (any ImmediateAnswers)?
}

/// Takes the answer to one request, exactly once, which the compiler checks.
package struct AnswerWriter: ~Copyable, Sendable {
    private let sink: any AnswerSink

    package init(_ sink: any AnswerSink) {
        self.sink = sink
    }

    /// Returns when the last byte was handed to the system; throws what stopped the answer before that.
    package consuming func send(_ response: Response) async throws {
        try await sink.send(response)
    }
}

/// The side of a connection that takes an answer.
package protocol AnswerSink: AnyObject, Sendable {
    func send(_ response: Response) async throws
}

/// A connection that ended before an answer was complete.
package struct AnswerBrokenOff: Error, Hashable, Sendable {
    package init() {}
}
