// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import RegistryCore
import RegistryService
import RegistryStorage

/// Answers downloads that `HotFiles` knows on the connection's event loop, and hands everything else on.
///
/// It sits below the codec of the HTTP types, whose conversions would cost more than the answer, and writes answers that are
/// encoded already. It answers only while no earlier request of the connection waits, so answers keep their order.
final class HotFileHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let answers: HotAnswers
    /// Judges the connection, and is told of answers that it does not see.
    private let guardian: ConnectionGuard
    /// Where answers that are encoded already are written.
    private var encoder: ChannelHandlerContext?
    private var caller: HotAnswers.Caller?
    /// Requests that were handed on and whose answer is not complete.
    private var requestsAhead = 0
    /// The rest of a request that was answered here is dropped.
    private var isSwallowing = false
    /// A file is on its way.
    private var isSending = false
    /// What came while no answer could be begun.
    private var held: [HTTPServerRequestPart] = []
    private var heldError: (any Error)?
    private var owesRead = false
    private var mustFlush = false
    /// Something was handed on since the last time the channel had no more to read.
    private var hasHandedOn = false

    init(answers: HotAnswers, guardian: ConnectionGuard) {
        self.answers = answers
        self.guardian = guardian
    }

    func handlerAdded(context: ChannelHandlerContext) {
        encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        encoder = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isBlocked(context) || !held.isEmpty { held.append(part) } else { receive(part, context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush(context)
        // Nobody above waits for the end of what was answered here.
        guard hasHandedOn else { return }
        hasHandedOn = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isBlocked(context) || !held.isEmpty { owesRead = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A refusal must not overtake an answer.
        if !isSending, held.isEmpty { context.fireErrorCaught(error) } else { heldError = error }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resume(context)
        context.fireChannelWritabilityChanged()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { requestsAhead -= 1 }
        context.write(data, promise: promise)
    }

    /// A client that does not read must not be able to queue answers without end.
    private func isBlocked(_ context: ChannelHandlerContext) -> Bool {
        isSending || (requestsAhead == 0 && !context.channel.isWritable)
    }

    private func receive(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let request):
            if requestsAhead == 0, let encoder, let answer = answers.answer(to: request, caller: &caller) {
                isSwallowing = true
                send(answer, encoder, context)
            } else {
                requestsAhead += 1
                handOn(part, context)
            }
        case .body where isSwallowing: break
        case .end where isSwallowing: isSwallowing = false
        case .body, .end: handOn(part, context)
        }
    }

    private func handOn(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        hasHandedOn = true
        context.fireChannelRead(wrapInboundOut(part))
    }

    private func send(_ answer: HotAnswers.Answer, _ encoder: ChannelHandlerContext, _ context: ChannelHandlerContext) {
        encoder.write(NIOAny(IOData.byteBuffer(answer.start)), promise: nil)
        if let file = answer.entry.file { return sendFile(file, answer, encoder, context) }
        mustFlush = true
        answers.noteSent(answer)
        guardian.noteHotAnswer()
    }

    private func sendFile(
        _ file: LocalFile,
        _ answer: HotAnswers.Answer,
        _ encoder: ChannelHandlerContext,
        _ context: ChannelHandlerContext
    ) {
        isSending = true
        guardian.noteHotFileBegan()
        let counted = answers.noteBegin(of: answer, to: context.channel.clientAddress)
        let done = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        done.futureResult.whenComplete { result in
            let (handler, context) = bound.value
            handler.fileEnded(result, answer, counted, context)
        }
        do {
            try FilePump(
                file,
                0..<answer.entry.sizeInBytes,
                context: context,
                done: done,
                write: { encoder.write(NIOAny(IOData.fileRegion($0)), promise: $1) },
                flush: { encoder.flush() }
            ).start()
        } catch {
            done.fail(error)
        }
    }

    private func fileEnded(
        _ result: Result<Void, any Error>,
        _ answer: HotAnswers.Answer,
        _ counted: CountedAnswer,
        _ context: ChannelHandlerContext
    ) {
        isSending = false
        guardian.noteHotFileEnded()
        switch result {
        case .failure:
            answers.noteEnd(of: answer, counted, isComplete: false)
            context.close(promise: nil)
        case .success:
            answers.noteEnd(of: answer, counted, isComplete: true)
            resume(context)
        }
    }

    /// Takes up what came while no answer could be begun.
    private func resume(_ context: ChannelHandlerContext) {
        while !isBlocked(context), !held.isEmpty { receive(held.removeFirst(), context) }
        flush(context)
        if let error = heldError, !isSending, held.isEmpty {
            heldError = nil
            context.fireErrorCaught(error)
        }
        guard owesRead, !isBlocked(context), held.isEmpty else { return }
        owesRead = false
        context.read()
    }

    private func flush(_ context: ChannelHandlerContext) {
        guard mustFlush else { return }
        mustFlush = false
        context.flush()
    }
}

@available(*, unavailable)
extension HotFileHandler: Sendable {}
