// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops
import Synchronization

/// One request over HTTP/1.1 and its answer: what the handler's task and the connection have in common.
///
/// The body comes in here; the answer goes out in `HTTP1Exchange+Answer.swift`.
// Its state is used on the loop's thread alone: what a task calls goes through `onLoop`.
final class HTTP1Exchange: @unchecked Sendable {
    enum Answer {
        case none
        case begun(isChunked: Bool, remaining: Int64?)
        case complete
        case broken
    }

    /// From this size on the rest of a body is received without a copy.
    private static let leastDirectPiece: Int64 = 32 * 1024

    let connection: Connection
    let isHead: Bool
    let version: HTTPVersion
    let persistence: Persistence

    private var framing: BodyFraming
    private var decoder = ChunkedDecoder()
    /// Whether the end of the request is still to come.
    private(set) var isReceiving = true
    private var hasRequestEnded = false
    private var body = IncomingBody()
    /// How much of the body counts among what waits for all handlers.
    private var counted = 0
    private var expectsContinue: Bool
    private var reader: CheckedContinuation<[UInt8]?, any Error>?
    private var rate: RateWindow
    /// The answer is complete, and the rest of the body is read only to be dropped.
    private var isDiscarding = false

    var answer = Answer.none
    /// The head of a streamed answer, which leaves with the first bytes of its body: until then, others use the loop's buffer.
    var heldHead: HTTP1ResponseHead?
    /// A stream has written more than was announced, whatever its function made of the error.
    var isTooLong = false
    /// How much a stream has written since others last had their turn.
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

    // MARK: What the connection asks

    /// Whether more of the body is wanted now.
    var wantsInput: Bool {
        guard isReceiving else { return false }
        if isDiscarding || reader != nil { return true }
        return body.count < ConnectionLimits.bodyAhead && !connection.context.server.isFullOfBodies
    }

    /// Whether the request is over and so is its answer.
    var isOver: Bool { hasRequestEnded && isAnswered }

    /// Whether the answer is complete.
    var isAnswered: Bool {
        if case .complete = answer { true } else { false }
    }

    /// Whether a part of the answer was sent, and not all of it.
    var isAnswering: Bool {
        if case .begun = answer { heldHead == nil } else { false }
    }

    /// RFC 9112, section 9.6: the rest of a body that will not be read ends the connection, and the answer says so.
    var mustClose: Bool {
        guard !connection.closesAfterAnswer, !connection.context.server.isStopping else { return true }
        guard isReceiving else { return false }
        guard !expectsContinue, case .length(let remaining) = framing else { return true }
        return remaining > ConnectionLimits.toleratedRest
    }

    /// How large a piece is best received without a copy; nil when what comes must be looked at first.
    var directPieceSize: Int? {
        guard case .length(let remaining) = framing, wantsInput, !isDiscarding else { return nil }
        return remaining >= Self.leastDirectPiece ? Int(min(remaining, Int64(ConnectionLimits.bodyPiece))) : nil
    }

    func isUploadTooSlow(at now: Int64) -> Bool { isReceiving && rate.isTooSlow(at: now) }

    // MARK: What the connection tells

    /// Takes a piece that was received as part of the body alone.
    func receive(piece: consuming [UInt8]) {
        guard case .length(let remaining) = framing else { return }
        let count = piece.count
        noteInput(count)
        framing = .length(remaining - Int64(count))
        body.append(piece)
        if remaining == Int64(count) { bodyEnded() }
        bodyChanged()
    }

    /// Takes what belongs to the body; returns how much did.
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
            // Where the next request would begin is not known.
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

    /// Ends the body before its end; what waits for it hears why, behind what came before.
    func fail(_ failure: BodyFailure) {
        guard isReceiving else { return }
        isReceiving = false
        connection.closesAfterAnswer = true
        body.fail(failure)
        bodyChanged()
    }

    /// The client sends nothing more.
    func inputEnded() {
        guard isReceiving else { return }
        fail(.brokenOff(received: body.received))
        // Nobody is left to answer when the answer was given already.
        if isAnswered { connection.close(.brokenOff) }
    }

    func connectionEnded(_ reason: CloseReason) {
        fail(reason == .slowUpload ? .tooSlow : .brokenOff(received: body.received))
        if !isAnswered { answer = .broken }
    }

    /// The answer is complete: nobody reads the rest of the body any more, which comes to its end only for the next request.
    func discardBody() {
        isDiscarding = isReceiving
        if isDiscarding { rate.beginWaiting(at: connection.loop.now) }
        body.fail(.interrupted)
        bodyChanged()
    }

    /// Hands on what has come to who waits for it.
    private func bodyChanged() {
        if let reader, let result = taken() {
            self.reader = nil
            reader.resume(with: result)
        }
        guard counted != body.count else { return }
        connection.context.server.bodiesAhead.wrappingAdd(body.count - counted, ordering: .relaxed)
        counted = body.count
    }

    /// The next piece, when there is no need to wait for it.
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
        // A body has one reader.
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
