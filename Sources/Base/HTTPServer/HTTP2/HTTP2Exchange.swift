// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops

/// A request that a handler answers, as the handler's task sees it; it outlives its stream and its connection.
// Everything but `loop` is used on the loop's thread alone: what the handler calls goes there first.
final class HTTP2Exchange: @unchecked Sendable {
    private enum Answer {
        case none
        case underWay
        case complete
        case brokenOff
    }

    let loop: EventLoop
    private(set) weak var connection: HTTP2Connection?
    /// The stream, as long as it is open.
    var stream: HTTP2Stream?
    /// Whether the request has a body that is meant to be stored.
    let isUpload: Bool
    let isHead: Bool

    /// The request, until it is handled.
    var request: Request?
    var body = IncomingBody()
    /// Judges how fast the body comes; nil without a body.
    var rate: RateWindow?
    /// The client waits for `100 Continue`.
    var expectsContinue = false
    /// The size of the body, when the client told.
    var contentLength: Int64?
    /// By how much the stream's window was widened.
    var credit = 0
    private var wasRead = false
    /// Whether what comes of the body is kept for the handler.
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

    // MARK: What the connection tells

    /// The body has something new: a piece, its end, or a failure.
    func bodyChanged() {
        guard let reader, let result = take() else { return }
        self.reader = nil
        reader.resume(with: result)
    }

    /// The body will not come to its end; what came before can still be read.
    func failBody(_ failure: BodyFailure) {
        body.fail(failure)
        bodyChanged()
    }

    /// So much was sent that the handler may write again.
    func outgoingShrank() {
        guard let writer, outgoing.count < OutgoingPieces.highWater else { return }
        self.writer = nil
        writer.resume()
    }

    /// The last byte of the answer was handed to the system, or could not be.
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

    /// The handler has returned without an answer; the connection gives one.
    func hasNoAnswer() { answer = .underWay }

    /// The stream is gone.
    func streamClosed() {
        stream = nil
        failBody(.brokenOff(received: body.received))
    }

    // MARK: What the handler's task does

    /// The handler has ended; it may have done so on any thread.
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
        // A body has one reader.
        guard reader == nil else { return continuation.resume(throwing: BodyFailure.interrupted) }
        reader = continuation
        connection?.waitsForBody(self)
    }

    private func beginReading() {
        guard !wasRead else { return }
        wasRead = true
        connection?.firstRead(self)
    }

    /// The next piece, when there is no need to wait for it.
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

    /// Hands the answer to the connection, without the pieces of a stream.
    func begin(_ response: Response) throws {
        guard let connection, let stream, answer == .none else { throw AnswerBrokenOff() }
        answer = .underWay
        connection.send(response, of: stream)
    }

    /// Resumes when the answer has ended.
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

    /// Resumes when the handler may write again: what it wrote may be sent by now.
    private func awaitRoom(_ continuation: CheckedContinuation<Void, any Error>) throws {
        if answer == .brokenOff { throw AnswerBrokenOff() }
        if outgoing.count < OutgoingPieces.highWater { continuation.resume() } else { writer = continuation }
    }

    /// What was written goes out as soon as the connection can take it, unasked.
    func flush() async throws {
        try await onLoop { exchange in
            guard exchange.answer == .underWay || exchange.answer == .complete else { throw AnswerBrokenOff() }
        }
    }

    /// Adds bytes; returns whether the handler may go on at once.
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
