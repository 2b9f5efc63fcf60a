// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops

/// One request over HTTP/1.1 and its answer: what the handler's task and the connection have in common.
// Its state is used on the loop's thread alone: what a task calls goes through `onLoop`.
final class HTTP1Exchange: RequestBodySource, AnswerSink, BodySink, @unchecked Sendable {
    private enum Body {
        case arriving
        case complete
        case failed(BodyFailure)
    }

    private enum Answer {
        case none
        case begun(isChunked: Bool, remaining: Int64?)
        case complete
        case broken
    }

    /// From this size on the rest of a body is received without a copy.
    private static let leastDirectPiece: Int64 = 32 * 1024

    private let connection: Connection
    private let isHead: Bool
    private let version: HTTPVersion
    private let persistence: Persistence
    private var framing: BodyFraming
    private var decoder = ChunkedDecoder()
    private var body = Body.arriving
    private var pieces: [[UInt8]] = []
    private var bytesAhead = 0
    private var received: Int64 = 0
    private var expectsContinue: Bool
    private var reader: CheckedContinuation<[UInt8]?, any Error>?
    private var rate: RateWindow
    private var answer = Answer.none
    /// The head of a streamed answer, which leaves with the first bytes of its body: until then, others use the loop's buffer.
    private var heldHead: HTTP1ResponseHead?
    /// The answer is complete, and the rest of the body is read only to be dropped.
    private(set) var isDiscarding = false

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
        case .none, .length(0):
            body = .complete
            expectsContinue = false
        case .length, .chunked: break
        }
    }

    // MARK: The body comes in

    /// Whether the end of the request is still to come.
    var isReceiving: Bool {
        if case .arriving = body { true } else { false }
    }

    /// Whether more of the body is wanted now.
    var wantsInput: Bool { isReceiving && (isDiscarding || bytesAhead < ConnectionLimits.bodyAhead) }

    /// Whether the request is over and so is its answer.
    var isOver: Bool {
        if case .complete = answer, case .complete = body { true } else { false }
    }

    /// Whether the answer is complete.
    var isAnswered: Bool {
        if case .complete = answer { true } else { false }
    }

    /// How large a piece is best received without a copy; nil when what comes must be looked at first.
    var directPieceSize: Int? {
        guard case .length(let remaining) = framing, wantsInput, !isDiscarding else { return nil }
        return remaining >= Self.leastDirectPiece ? Int(min(remaining, Int64(ConnectionLimits.bodyPiece))) : nil
    }

    /// Takes a piece that was received as part of the body alone.
    func receive(piece: consuming [UInt8]) {
        guard case .length(let remaining) = framing else { return }
        noteInput(piece.count)
        framing = .length(remaining - Int64(piece.count))
        keep(piece)
        if remaining == Int64(piece.count) { bodyEnded() }
    }

    private func noteInput(_ count: Int) {
        expectsContinue = false
        rate.receive(count, at: connection.loop.now)
        if isDiscarding { rate.beginWaiting(at: connection.loop.now) }
    }

    /// Takes what belongs to the body; returns how much did.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard isReceiving else { return 0 }
        noteInput(bytes.count)
        switch framing {
        case .none: return 0
        case .length(let remaining):
            let count = Int(min(Int64(bytes.count), remaining))
            framing = .length(remaining - Int64(count))
            keep(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            if remaining == Int64(count) { bodyEnded() }
            return count
        case .chunked: return receiveChunks(bytes)
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
            fail(.brokenOff(received: received))
            return bytes.count
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        if isDiscarding { received += Int64(bytes.count) } else { keep([UInt8](bytes)) }
    }

    private func keep(_ piece: [UInt8]) {
        received += Int64(piece.count)
        if let reader {
            self.reader = nil
            reader.resume(returning: piece)
        } else {
            pieces.append(piece)
            bytesAhead += piece.count
        }
    }

    private func bodyEnded() {
        body = .complete
        guard let reader else { return }
        self.reader = nil
        reader.resume(returning: nil)
    }

    /// Ends the body before its end; what waits for it hears why.
    func fail(_ failure: BodyFailure) {
        guard isReceiving else { return }
        // What came before is still read.
        body = .failed(failure)
        connection.closesAfterAnswer = true
        guard let reader else { return }
        self.reader = nil
        reader.resume(throwing: failure)
    }

    /// The client sends nothing more.
    func inputEnded() {
        guard isReceiving else { return }
        fail(.brokenOff(received: received))
        // Nobody is left to answer when the answer was given already.
        if isAnswered { connection.close(.brokenOff) }
    }

    func connectionEnded(_ reason: CloseReason) {
        fail(reason == .slowUpload ? .tooSlow : .brokenOff(received: received))
        if case .complete = answer { return }
        answer = .broken
    }

    func isUploadTooSlow(at now: Int64) -> Bool { isReceiving && rate.isTooSlow(at: now) }

    func next() async throws -> [UInt8]? {
        guard connection.loop.isCurrent else {
            return try await withCheckedThrowingContinuation { continuation in
                connection.loop.execute { self.read(continuation) }
            }
        }
        if let piece = takePiece() { return piece }
        return try await withCheckedThrowingContinuation { read($0) }
    }

    private func takePiece() -> [UInt8]? {
        guard !pieces.isEmpty else { return nil }
        let wanted = wantsInput
        let piece = pieces.removeFirst()
        bytesAhead -= piece.count
        if !wanted, wantsInput { connection.resumeInput() }
        return piece
    }

    private func read(_ continuation: CheckedContinuation<[UInt8]?, any Error>) {
        if let piece = takePiece() { return continuation.resume(returning: piece) }
        switch body {
        case .complete: continuation.resume(returning: nil)
        case .failed(let failure): continuation.resume(throwing: failure)
        case .arriving:
            reader = continuation
            rate.beginWaiting(at: connection.loop.now)
            if expectsContinue {
                expectsContinue = false
                connection.sendContinue()
            }
            connection.resumeInput()
        }
    }

    func interrupt() {
        connection.loop.execute { self.fail(.interrupted) }
    }

    // MARK: The answer goes out

    func send(_ response: Response) async throws {
        try await onLoop { try self.begin(response) }
        if !isHead, case .stream(_, let write) = response.body {
            do {
                try await write(BodyWriter(self))
                try await onLoop { try self.endStream() }
            } catch {
                await breakOff()
                throw error
            }
        }
        try await drain()
        try await onLoop { try self.complete() }
    }

    /// Sees to it that a request whose handler returned has an answer.
    func handlerReturned() async {
        guard case .none = answer else { return }
        try? await send(
            Response(
                status: .internalServerError,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .bytes(Array("the server has no answer to this request: tell its administrator\n".utf8))
            )
        )
    }

    private func begin(_ response: Response) throws {
        guard case .none = answer, !connection.isClosed else { throw AnswerBrokenOff() }
        let head = HTTP1ResponseHead(
            status: response.status,
            headers: response.headers,
            contentLength: response.body.contentLength,
            toHead: isHead,
            version: version,
            persistence: mustClose ? .closes : persistence
        )
        if head.persistence == .closes { connection.closesAfterAnswer = true }
        let isChunked = head.framing == .chunked
        if !isHead, case .stream(let length, _) = response.body {
            heldHead = head
            answer = .begun(isChunked: isChunked, remaining: length)
            return
        }
        connection.add(head)
        answer = .begun(isChunked: isChunked, remaining: nil)
        guard !isHead else { return sendOut() }
        switch response.body {
        case .none: break
        case .bytes(let bytes): connection.add(bytes)
        case .file(let content, let range):
            if !range.isEmpty {
                connection.file = OutgoingFile(
                    content: content,
                    offset: range.lowerBound,
                    remaining: Int64(range.count),
                    answer: nil
                )
            }
        case .stream: break
        }
        sendOut()
    }

    private func addHeldHead() {
        guard let head = heldHead else { return }
        heldHead = nil
        connection.add(head)
    }

    private func sendOut() { _ = connection.send() }

    /// RFC 9112, section 9.6: the rest of a body that will not be read ends the connection, and the answer says so.
    private var mustClose: Bool {
        guard !connection.closesAfterAnswer, !connection.context.server.isStopping else { return true }
        guard isReceiving else { return false }
        guard !expectsContinue, case .length(let remaining) = framing else { return true }
        return remaining > ConnectionLimits.toleratedRest
    }

    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await onLoop { try self.add(bytes) }
        try await drain()
    }

    func flush() async throws {
        try await onLoop {
            guard case .begun = self.answer, !self.connection.isClosed else { throw AnswerBrokenOff() }
            self.addHeldHead()
            self.sendOut()
        }
        try await drain()
    }

    private func add(_ bytes: [UInt8]) throws {
        guard case .begun(let isChunked, let remaining) = answer, !connection.isClosed else { throw AnswerBrokenOff() }
        if let remaining {
            guard remaining >= Int64(bytes.count) else { throw WrongLength() }
            answer = .begun(isChunked: isChunked, remaining: remaining - Int64(bytes.count))
        }
        addHeldHead()
        if isChunked {
            var start: [UInt8] = []
            HTTP1ResponseHead.appendChunkSize(bytes.count, to: &start)
            connection.add(start)
        }
        connection.add(bytes)
        if isChunked { connection.add(Array("\r\n".utf8)) }
        sendOut()
    }

    private func endStream() throws {
        guard case .begun(let isChunked, let remaining) = answer, !connection.isClosed else { throw AnswerBrokenOff() }
        guard remaining ?? 0 == 0 else { throw WrongLength() }
        addHeldHead()
        if isChunked { connection.add(HTTP1ResponseHead.lastChunk) }
        sendOut()
    }

    /// Waits until the system has taken everything.
    private func drain() async throws {
        if connection.loop.isCurrent {
            if connection.isClosed { throw AnswerBrokenOff() }
            if !connection.isSending { return }
        }
        try await withCheckedThrowingContinuation { continuation in
            connection.loop.execute { self.connection.notifyWhenDrained(continuation) }
        }
    }

    private func complete() throws {
        guard case .begun = answer, !connection.isClosed else { throw AnswerBrokenOff() }
        answer = .complete
        connection.lastActivity = connection.loop.now
        isDiscarding = isReceiving
        if isDiscarding { rate.beginWaiting(at: connection.loop.now) }
        pieces = []
        bytesAhead = 0
        connection.answerCompleted(self)
    }

    private func breakOff() async {
        try? await onLoop {
            self.answer = .broken
            self.connection.close(.bodyFailed)
        }
    }

    private func onLoop(_ work: @escaping @Sendable () throws -> Void) async throws {
        if connection.loop.isCurrent { return try work() }
        try await withCheckedThrowingContinuation { continuation in
            connection.loop.execute { continuation.resume(with: Result(catching: work)) }
        }
    }
}

/// A streamed body had another length than was announced.
private struct WrongLength: Error {}
