// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops
import Synchronization

/// An HTTP/1.1 request and its response, shared by the handler's task and the connection.
///
/// This file handles the request body; `HTTP1Exchange+Answer.swift` handles the response.
// Confined to the loop's thread; calls from tasks go through `onLoop`.
final class HTTP1Exchange: @unchecked Sendable {
    enum Answer {
        case none
        case begun(isChunked: Bool, remaining: Int64?)
        case complete
        case broken
    }

    /// The remaining body size from which pieces are received without a copy.
    private static let leastDirectPiece: Int64 = 32 * 1024

    let connection: Connection
    let isHead: Bool
    let version: HTTPVersion
    let persistence: Persistence

    private var framing: BodyFraming
    private var decoder = ChunkedDecoder()
    /// Whether the end of the request has not been received yet.
    private(set) var isReceiving = true
    private var hasRequestEnded = false
    private var body = RequestBodyBuffer()
    /// The part of this body that is included in the total of buffered bodies.
    private var counted = 0
    private var expectsContinue: Bool
    private var reader: CheckedContinuation<[UInt8]?, any Error>?
    private var rate: RateWindow
    /// Whether the response is complete and the rest of the body is discarded.
    private var isDiscarding = false

    var answer = Answer.none
    /// The head of a streamed response, held until the first body bytes, because other connections use the loop's buffer meanwhile.
    var heldHead: HTTP1ResponseHead?
    /// Whether a stream wrote more than announced, even if its function ignored the error.
    var isTooLong = false
    /// The number of bytes that a stream has written since it last yielded.
    var writtenInTurn = 0

    init(_ connection: Connection, _ head: HTTP1RequestHead, _ parser: HTTP1Parser) {
        self.connection = connection
        isHead = head.method == .head
        version = head.version
        persistence = parser.persistence
        framing = parser.framing
        expectsContinue = parser.expectsContinue
        let limits = connection.context.limits
        rate = RateWindow(leastRate: limits.uploadRate, length: limits.uploadWindow.nanoseconds)
        switch parser.framing {
        case .none, .length(0): bodyEnded()
        case .length, .chunked: break
        }
    }

    deinit { connection.context.server.bodiesAhead.wrappingSubtract(counted, ordering: .relaxed) }

    // MARK: Queries of the connection

    /// Whether more of the body can be used now.
    var wantsInput: Bool {
        guard isReceiving else { return false }
        if isDiscarding || reader != nil { return true }
        return body.count < ConnectionLimits.bodyAhead && !connection.context.server.isFullOfBodies
    }

    /// Whether both the request and the response are complete.
    var isOver: Bool { hasRequestEnded && isAnswered }

    /// Whether the response is complete.
    var isAnswered: Bool {
        if case .complete = answer { true } else { false }
    }

    /// Whether the response is partially sent.
    var isAnswering: Bool {
        if case .begun = answer { heldHead == nil } else { false }
    }

    /// Whether an unread rest of the body forces the connection to close, which the response announces (RFC 9112, section 9.6).
    var mustClose: Bool {
        guard !connection.closesAfterAnswer, !connection.context.server.isStopping else { return true }
        guard isReceiving else { return false }
        guard !expectsContinue, case .length(let remaining) = framing else { return true }
        return remaining > ConnectionLimits.toleratedRest
    }

    /// The preferred size for receiving a piece without a copy; nil when the bytes need parsing.
    var directPieceSize: Int? {
        guard case .length(let remaining) = framing, wantsInput, !isDiscarding else { return nil }
        return remaining >= Self.leastDirectPiece ? Int(min(remaining, Int64(ConnectionLimits.bodyPiece))) : nil
    }

    func isUploadTooSlow(at now: Int64) -> Bool { isReceiving && rate.isTooSlow(at: now) }

    // MARK: Events from the connection

    /// Handles a piece that contains only body bytes.
    func receive(piece: consuming [UInt8]) {
        guard case .length(let remaining) = framing else { return }
        let count = piece.count
        noteInput(count)
        framing = .length(remaining - Int64(count))
        body.append(piece)
        if remaining == Int64(count) { bodyEnded() }
        bodyChanged()
    }

    /// Handles received bytes; returns the number that belong to the body.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard isReceiving else { return 0 }
        defer { bodyChanged() }
        switch framing {
        case .none: return 0
        case .length(let remaining):
            let count = Int(min(Int64(bytes.count), remaining))
            noteInput(count)
            framing = .length(remaining - Int64(count))
            keep(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            if remaining == Int64(count) { bodyEnded() }
            return count
        case .chunked:
            noteInput(bytes.count)
            return receiveChunks(bytes)
        }
    }

    private func receiveChunks(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        do {
            while true {
                switch try decoder.next(bytes, &used) {
                case .content(let range): keep(UnsafeRawBufferPointer(rebasing: bytes[range]))
                case .incomplete: return used
                case .end:
                    bodyEnded()
                    return used
                }
            }
        } catch {
            // The start of the next request is unknown.
            fail(.brokenOff(received: body.received))
            return bytes.count
        }
    }

    private func noteInput(_ count: Int) {
        expectsContinue = false
        rate.receive(count, at: connection.loop.now)
        if isDiscarding { rate.beginWaiting(at: connection.loop.now) }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        if !isDiscarding, !bytes.isEmpty { body.append(bytes) }
    }

    private func bodyEnded() {
        isReceiving = false
        hasRequestEnded = true
        expectsContinue = false
        body.complete()
    }

    /// Fails an incomplete body; the reader receives the buffered bytes first.
    func fail(_ failure: BodyFailure) {
        guard isReceiving else { return }
        isReceiving = false
        connection.closesAfterAnswer = true
        body.fail(failure)
        bodyChanged()
    }

    /// Handles the end of input.
    func inputEnded() {
        guard isReceiving else { return }
        fail(.brokenOff(received: body.received))
        // With a complete response, nothing is left to send.
        if isAnswered { connection.close(.brokenOff) }
    }

    func connectionEnded(_ reason: CloseReason) {
        fail(reason == .slowUpload ? .tooSlow : .brokenOff(received: body.received))
        if !isAnswered { answer = .broken }
    }

    /// Discards the rest of the body after a complete response, so that the next request can follow.
    func discardBody() {
        isDiscarding = isReceiving
        if isDiscarding { rate.beginWaiting(at: connection.loop.now) }
        body.fail(.interrupted)
        bodyChanged()
    }

    /// Passes new data to a waiting reader.
    private func bodyChanged() {
        if let reader, let result = taken() {
            self.reader = nil
            reader.resume(with: result)
        }
        guard counted != body.count else { return }
        connection.context.server.bodiesAhead.wrappingAdd(body.count - counted, ordering: .relaxed)
        counted = body.count
    }

    /// Returns the next piece if it is available without waiting.
    private func taken() -> Result<[UInt8]?, any Error>? {
        switch body.take() {
        case .bytes(let bytes): .success(bytes)
        case .end: .success(nil)
        case .failure(let failure): .failure(failure)
        case .none: nil
        }
    }
}

extension HTTP1Exchange: RequestBodySource {
    func next() async throws -> [UInt8]? {
        guard connection.loop.isCurrent else {
            return try await withCheckedThrowingContinuation { continuation in
                connection.loop.execute { self.read(continuation) }
            }
        }
        if let result = take() { return try result.get() }
        return try await withCheckedThrowingContinuation { read($0) }
    }

    func interrupt() {
        connection.loop.execute { [self] in
            if isReceiving { return fail(.interrupted) }
            body.fail(.interrupted)
            bodyChanged()
        }
    }

    private func take() -> Result<[UInt8]?, any Error>? {
        let wanted = wantsInput
        let result = taken()
        bodyChanged()
        if !wanted, wantsInput { connection.resumeInput() }
        return result
    }

    private func read(_ continuation: CheckedContinuation<[UInt8]?, any Error>) {
        if let result = take() { return continuation.resume(with: result) }
        // A body has only one reader.
        guard reader == nil else { return continuation.resume(throwing: BodyFailure.interrupted) }
        reader = continuation
        rate.beginWaiting(at: connection.loop.now)
        if expectsContinue, case .none = answer {
            expectsContinue = false
            connection.sendContinue()
        }
        connection.resumeInput()
    }
}
