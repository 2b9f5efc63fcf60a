// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops

/// Output: the response.
extension HTTP1Exchange: AnswerSink {
    func send(_ response: Response) async throws {
        let hasContent = try await onLoop { try self.begin(response) }
        if hasContent, case .stream(_, let write) = response.body {
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

    /// Ensures that a request has a response after its handler returned.
    func handlerReturned() async {
        guard case .none = answer else { return }
        try? await send(
            Response(
                status: .internalServerError,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .bytes(
                    Array("internal error: the server produced no response; report this to its administrator\n".utf8)
                )
            )
        )
    }

    /// Sends the head and any content that is available; returns whether the response has content.
    private func begin(_ response: Response) throws -> Bool {
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
        let hasContent = head.framing != .none
        if hasContent, case .stream(let length, _) = response.body {
            heldHead = head
            answer = .begun(isChunked: head.framing == .chunked, remaining: length)
            return true
        }
        connection.add(head)
        answer = .begun(isChunked: false, remaining: nil)
        if hasContent { add(response.body) }
        _ = connection.send()
        return hasContent
    }

    private func add(_ content: ResponseBody) {
        switch content {
        case .none, .stream: break
        case .bytes(let bytes): connection.add(bytes)
        case .file(let content, let range):
            guard !range.isEmpty else { return }
            connection.file = SendingFile(
                content: content,
                offset: range.lowerBound,
                remaining: Int64(range.count),
                answer: nil
            )
        }
    }

    /// Waits until the system has accepted all output.
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
        discardBody()
        connection.answerCompleted(self)
    }

    private func breakOff() async {
        try? await onLoop { self.connection.close(.bodyFailed) }
    }

    private func onLoop<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        if connection.loop.isCurrent { return try work() }
        return try await withCheckedThrowingContinuation { continuation in
            connection.loop.execute { continuation.resume(with: Result(catching: work)) }
        }
    }
}

/// Output: the pieces of a streamed response.
extension HTTP1Exchange: BodySink {
    /// The number of bytes after which a stream yields to other connections, even if the client keeps up.
    private static let quantum = 1 << 20

    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        let isTurnOver = try await onLoop { try self.add(bytes) }
        try await drain()
        if isTurnOver { await Task.yield() }
    }

    func flush() async throws {
        try await onLoop {
            guard case .begun = self.answer, !self.connection.isClosed else { throw AnswerBrokenOff() }
            self.addHeldHead()
            _ = self.connection.send()
        }
        try await drain()
    }

    private func add(_ bytes: [UInt8]) throws -> Bool {
        guard case .begun(let isChunked, let remaining) = answer, !connection.isClosed else { throw AnswerBrokenOff() }
        if let remaining {
            guard remaining >= Int64(bytes.count) else {
                isTooLong = true
                throw WrongLength()
            }
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
        _ = connection.send()
        writtenInTurn += bytes.count
        guard writtenInTurn >= Self.quantum else { return false }
        writtenInTurn = 0
        return true
    }

    private func endStream() throws {
        guard case .begun(let isChunked, let remaining) = answer, !connection.isClosed else { throw AnswerBrokenOff() }
        guard remaining ?? 0 == 0, !isTooLong else { throw WrongLength() }
        addHeldHead()
        if isChunked { connection.add(HTTP1ResponseHead.lastChunk) }
        _ = connection.send()
    }

    private func addHeldHead() {
        guard let head = heldHead else { return }
        heldHead = nil
        connection.add(head)
    }
}

/// The error for a streamed body whose length differs from the announced one.
private struct WrongLength: Error {}
