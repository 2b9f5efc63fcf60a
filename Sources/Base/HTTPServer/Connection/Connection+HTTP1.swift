// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops
import Synchronization

/// HTTP/1.1 on a connection: requests are processed in order, each after the previous response.
extension Connection {
    /// Processes received bytes and keeps the unprocessed rest in `unread`.
    func receiveHTTP1(_ bytes: UnsafeRawBufferPointer) {
        guard unread.isEmpty else {
            unread.append(contentsOf: bytes)
            return useUnread()
        }
        let used = process(bytes)
        guard !isClosed, used < bytes.count else { return }
        // A new head gets the full idle timeout, however long the preceding silence was.
        if exchange == nil, !isSending { lastActivity = loop.now }
        unread = Array(bytes[used...])
    }

    /// Processes bytes that were kept in `unread`.
    func useUnread() {
        guard !isClosed, !unread.isEmpty, lingering == nil else { return }
        let waiting = unread
        unread = []
        let used = waiting.withUnsafeBytes { process($0) }
        guard !isClosed else { return }
        if used < waiting.count { unread = used == 0 ? waiting : Array(waiting[used...]) }
        if hasInputEnded, unread.isEmpty { exchange?.inputEnded() }
        guard !isClosed else { return }
        if !context.output.isEmpty { _ = send() }
    }

    /// Processes as many requests as possible and returns the number of bytes consumed.
    private func process(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        while used < bytes.count, !isClosed, lingering == nil {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            if let exchange {
                guard exchange.isReceiving else { return used }
                used += exchange.receive(rest)
                if exchange.isOver { next(after: exchange) }
                if let still = self.exchange, still === exchange, still.isReceiving, !still.wantsInput { return used }
                continue
            }
            // A client that does not read must not queue an unbounded number of responses.
            if isSending { return used }
            if context.output.isFull, !send() { return used }
            if isSending || closesAfterAnswer { return used }
            switch context.parser.parse(rest, from: scanned) {
            case .incomplete(let resumeAt):
                scanned = resumeAt
                return used
            case .refused(let refusal):
                refuse(refusal)
                return bytes.count
            case .head(let length):
                scanned = 0
                begin(rest, length)
                used += length
            }
        }
        return used
    }

    private func begin(_ bytes: UnsafeRawBufferPointer, _ length: Int) {
        // Without a trusted proxy, these fields are ignored. With one, the regular path evaluates them.
        if !isFromTrustedProxy { context.parser.known.remove(.forwarded) }
        if case .none = context.parser.framing, context.parser.persistence == .persistent,
            let answers = context.answers,
            let view = context.parser.view(of: bytes, clientAddress: clientAddress, isSecure: isSecure),
            let answer = answers.answer(to: view)
        {
            return send(answer, isHead: view.method == .head, answers)
        }
        let head = context.parser.requestHead(of: bytes)
        let exchange = HTTP1Exchange(self, head, context.parser)
        self.exchange = exchange
        let origin = origin(of: head.headers)
        let request = Request(
            method: head.method,
            target: head.target,
            version: head.version,
            headers: head.headers,
            contentLength: head.contentLength,
            body: head.contentLength == 0 ? .empty : RequestBody(exchange),
            clientAddress: origin.clientAddress,
            isSecure: origin.isSecure
        )
        let context = context
        context.server.handlers.wrappingAdd(1, ordering: .relaxed)
        loop.startTask {
            await context.handler.handle(request, answer: AnswerWriter(exchange))
            await exchange.handlerReturned()
            context.server.handlers.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Appends an immediate response to the output.
    private func send(_ answer: ImmediateAnswer, isHead: Bool, _ answers: any ImmediateAnswers) {
        let prepared = answer.prepared
        let isFile = if case .file = prepared.content { true } else { false }
        append(answer, count: isHead || isFile ? prepared.headLength : prepared.http1.count)
        lastActivity = loop.now
        if isFile, !isHead, case .file(let content, let size) = prepared.content {
            file = SendingFile(content: content, offset: 0, remaining: size, answer: answer)
            _ = send()
        } else {
            answers.ended(answer, isComplete: true)
        }
    }

    /// Appends the first bytes of a prepared response with the current values of its variable parts.
    private func append(_ answer: ImmediateAnswer, count: Int) {
        let output = context.output
        let prepared = answer.prepared
        guard count <= output.room else {
            // Rare: prepared content that is too large for the output buffer.
            var bytes = Array(prepared.http1[..<count])
            bytes.replaceSubrange(prepared.dateOffset..<(prepared.dateOffset + context.date.count), with: context.date)
            withUnsafeBytes(of: answer.variable) {
                bytes.replaceSubrange(prepared.variableOffset..<(prepared.variableOffset + $0.count), with: $0)
            }
            add(bytes)
            return
        }
        let start = output.count
        prepared.http1.withUnsafeBytes { output.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        context.date.withUnsafeBytes { output.replace(at: start + prepared.dateOffset, $0) }
        withUnsafeBytes(of: answer.variable) { output.replace(at: start + prepared.variableOffset, $0) }
    }

    /// Responds to an invalid request and closes the connection afterwards.
    func refuse(_ refusal: HTTP1Refusal) {
        closesAfterAnswer = true
        endReason = .refused
        context.output.append(refusal.answer(date: context.date))
        _ = send()
    }

    // MARK: For the exchange

    /// Appends the head of a response to the output.
    func add(_ head: HTTP1ResponseHead) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        head.append(to: &bytes, date: context.date)
        add(bytes)
    }

    /// Appends bytes of a response to the output.
    func add(_ bytes: [UInt8]) {
        guard bytes.count > context.output.room - OutputBuffer.highWater || !pending.isEmpty else {
            return context.output.append(bytes)
        }
        if !context.output.isEmpty {
            pending.append(Array(context.output.bytes))
            context.output.removeAll()
        }
        pending.append(bytes)
    }

    func sendContinue() {
        context.output.append(HTTP1ResponseHead.continue)
        _ = send()
    }

    /// Resumes reading because the handler needs more of the body.
    func resumeInput() {
        guard !isClosed else { return }
        useUnread()
        updateInterest()
        // A fast reader must not starve the loop's other connections.
        receiveHeldLater()
    }

    func notifyWhenDrained(_ continuation: CheckedContinuation<Void, any Error>) {
        if isClosed { return continuation.resume(throwing: AnswerBrokenOff()) }
        if !isSending { return continuation.resume() }
        whenDrained.append(continuation)
    }

    /// Continues once the system has accepted the last byte of a response.
    func answerCompleted(_ exchange: HTTP1Exchange) {
        guard !isClosed else { return }
        guard !closesAfterAnswer else { return endAnswered(exchange) }
        if exchange.isOver { next(after: exchange) }
        useUnread()
        updateInterest()
        receiveHeld()
    }

    /// Closes the connection after its last response without losing that response to a reset.
    func endAnswered(_ exchange: HTTP1Exchange) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        linger()
    }

    private func next(after exchange: HTTP1Exchange) {
        guard !closesAfterAnswer else { return endAnswered(exchange) }
        guard self.exchange === exchange else { return }
        self.exchange = nil
        lastActivity = loop.now
    }
}
