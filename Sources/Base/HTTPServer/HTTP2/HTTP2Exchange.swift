// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops

/// A request as its handler's task sees it; it outlives its stream and its connection.
// Everything except `loop` is confined to the loop's thread; calls from the handler switch to it first.
final class HTTP2Exchange: @unchecked Sendable {
    private enum Answer {
        case none
        case underWay
        case complete
        case brokenOff
    }

    let loop: EventLoop
    private(set) weak var connection: HTTP2Connection?
    /// The stream while it is open.
    var stream: HTTP2Stream?
    /// Whether the request has a body to be stored.
    let isUpload: Bool
    let isHead: Bool

    /// The request until it is handled.
    var request: Request?
    var body = RequestBodyBuffer()
    /// The rate limit of the body; nil without a body.
    var rate: RateWindow?
    /// Whether the client waits for `100 Continue`.
    var expectsContinue = false
    /// The announced size of the body; nil when unknown.
    var contentLength: Int64?
    /// The number of bytes by which the stream's window was enlarged.
    var credit = 0
    private var wasRead = false
    /// Whether received body bytes are kept for the handler.
    var wantsBody = true
    private var reader: CheckedContinuation<[UInt8]?, any Error>?

    var outgoing = OutgoingPieces()
    private var answer = Answer.none
    private var sender: CheckedContinuation<Void, any Error>?
    private var writer: CheckedContinuation<Void, any Error>?

    init(_ connection: HTTP2Connection, _ stream: HTTP2Stream, isUpload: Bool, isHead: Bool) {
        loop = connection.context.loop
        self.connection = connection
        self.stream = stream
        self.isUpload = isUpload
        self.isHead = isHead
    }

    var hasAnswer: Bool { answer != .none }
    /// Whether the handler waits for a piece of the body.
    var isReading: Bool { reader != nil }

    // MARK: Events from the connection

    /// Passes new data, the end or a failure to a waiting reader.
    func bodyChanged() {
        guard let reader, let result = take() else { return }
        self.reader = nil
        reader.resume(with: result)
    }

    /// Fails an incomplete body; bytes that arrived before can still be read.
    func failBody(_ failure: BodyFailure) {
        body.fail(failure)
        bodyChanged()
    }

    /// Resumes the handler once enough output is sent.
    func outgoingShrank() {
        guard let writer, outgoing.count < OutgoingPieces.highWater else { return }
        self.writer = nil
        writer.resume()
    }

    /// Completes the response: the system has accepted its last byte, or it failed.
    func answerEnded(isComplete: Bool) {
        guard answer != .complete, answer != .brokenOff else { return }
        answer = isComplete ? .complete : .brokenOff
        if !isComplete { outgoing = OutgoingPieces() }
        let (sender, writer) = (sender, writer)
        self.sender = nil
        self.writer = nil
        if isComplete { sender?.resume() } else { sender?.resume(throwing: AnswerBrokenOff()) }
        writer?.resume(throwing: AnswerBrokenOff())
    }

    /// Marks the response as started by the connection, because the handler returned without one.
    func hasNoAnswer() { answer = .underWay }

    /// Handles the end of the stream.
    func streamClosed() {
        stream = nil
        failBody(.brokenOff(received: body.received))
    }

    // MARK: Calls of the handler's task

    /// Reports that the handler has returned, on any thread.
    func handlerReturned() {
        loop.execute { [self] in connection?.handlerReturned(self) }
    }
}

extension HTTP2Exchange: RequestBodySource {
    func next() async throws -> [UInt8]? {
        if loop.isCurrent {
            beginReading()
            if let result = take() { return try result.get() }
        }
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute { [self] in read(continuation) }
        }
    }

    func interrupt() {
        loop.execute { [self] in
            let dropped = body.count
            failBody(.interrupted)
            if dropped > 0 { connection?.bodyWasRead(dropped, of: self) }
        }
    }

    private func read(_ continuation: CheckedContinuation<[UInt8]?, any Error>) {
        beginReading()
        if let result = take() { return continuation.resume(with: result) }
        // A body has only one reader.
        guard reader == nil else { return continuation.resume(throwing: BodyFailure.interrupted) }
        reader = continuation
        connection?.waitsForBody(self)
    }

    private func beginReading() {
        guard !wasRead else { return }
        wasRead = true
        connection?.firstRead(self)
    }

    /// Returns the next piece if it is available without waiting.
    private func take() -> Result<[UInt8]?, any Error>? {
        switch body.take() {
        case .bytes(let bytes):
            connection?.bodyWasRead(bytes.count, of: self)
            return .success(bytes)
        case .end: return .success(nil)
        case .failure(let failure): return .failure(failure)
        case .none: return nil
        }
    }
}

extension HTTP2Exchange: AnswerSink {
    func send(_ response: Response) async throws {
        guard case .stream(_, let write) = response.body, !isHead, HTTP2ResponseHead.hasContent(response.status) else {
            return try await sendWhole(response)
        }
        try await onLoop { try $0.begin(response) }
        do {
            try await write(BodyWriter(self))
        } catch {
            loop.execute { [self] in breakOff() }
            throw error
        }
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { [self] in finish(continuation) }
        }
    }

    private func sendWhole(_ response: Response) async throws {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { [self] in
                do {
                    try begin(response)
                    awaitEnd(continuation)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Passes the response to the connection, without the pieces of a streamed body.
    func begin(_ response: Response) throws {
        guard let connection, let stream, answer == .none else { throw AnswerBrokenOff() }
        answer = .underWay
        connection.send(response, of: stream)
    }

    /// Resumes once the response has ended.
    private func awaitEnd(_ continuation: CheckedContinuation<Void, any Error>) {
        switch answer {
        case .complete: continuation.resume()
        case .none, .brokenOff: continuation.resume(throwing: AnswerBrokenOff())
        case .underWay: sender = continuation
        }
    }

    private func finish(_ continuation: CheckedContinuation<Void, any Error>) {
        outgoing.isEnded = true
        if answer == .underWay, let connection, let stream { connection.streamedBodyEnded(stream) }
        awaitEnd(continuation)
    }

    private func breakOff() {
        guard answer == .underWay, let connection, let stream else { return }
        connection.reset(stream)
    }

    /// Calls `body` on the loop's thread.
    private func onLoop(_ body: @escaping @Sendable (HTTP2Exchange) throws -> Void) async throws {
        if loop.isCurrent { return try body(self) }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            loop.execute { [self] in continuation.resume(with: Result { try body(self) }) }
        }
    }
}

extension HTTP2Exchange: BodySink {
    func write(_ bytes: [UInt8]) async throws {
        let isAppended = loop.isCurrent
        if isAppended, try append(bytes) { return }
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { [self] in
                do {
                    if !isAppended { _ = try append(bytes) }
                    try awaitRoom(continuation)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Resumes once the handler may write again, which may already be the case.
    private func awaitRoom(_ continuation: CheckedContinuation<Void, any Error>) throws {
        if answer == .brokenOff { throw AnswerBrokenOff() }
        if outgoing.count < OutgoingPieces.highWater { continuation.resume() } else { writer = continuation }
    }

    /// The connection sends written bytes as soon as it can, without a flush.
    func flush() async throws {
        try await onLoop { exchange in
            guard exchange.answer == .underWay || exchange.answer == .complete else { throw AnswerBrokenOff() }
        }
    }

    /// Appends bytes; returns whether the handler may continue without waiting.
    private func append(_ bytes: [UInt8]) throws -> Bool {
        guard answer == .underWay, let connection, let stream, !stream.isAnswered else { throw AnswerBrokenOff() }
        if let end = stream.end, stream.offset + Int64(outgoing.count + bytes.count) > end {
            connection.reset(stream)
            throw AnswerBrokenOff()
        }
        outgoing.append(bytes)
        connection.streamedBodyGrew(stream)
        return outgoing.count < OutgoingPieces.highWater
    }
}
