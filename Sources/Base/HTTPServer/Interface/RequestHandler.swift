// SPDX-License-Identifier: Apache-2.0

/// The application behind a server.
package protocol RequestHandler: Sendable {
    /// Handles a request, on the connection's loop unless it awaits something elsewhere.
    ///
    /// The handler must send a response before it returns; otherwise the client receives a 500.
    func handle(_ request: Request, answer: consuming AnswerWriter) async

    /// Creates a source of immediate responses for a loop; nil when there is none.
    func makeImmediateAnswers() -> (any ImmediateAnswers)?
}

/// A writer for the response to one request; the compiler ensures that it is used at most once.
package struct AnswerWriter: ~Copyable, Sendable {
    private let sink: any AnswerSink

    package init(_ sink: any AnswerSink) {
        self.sink = sink
    }

    /// Sends the response and returns once the system has accepted the last byte; throws when the response fails.
    package consuming func send(_ response: Response) async throws {
        try await sink.send(response)
    }
}

/// A connection's receiver of a response.
package protocol AnswerSink: AnyObject, Sendable {
    func send(_ response: Response) async throws
}

/// The error for a connection that closed before its response was complete.
package struct AnswerBrokenOff: Error, Hashable, Sendable {
    package init() {}
}
