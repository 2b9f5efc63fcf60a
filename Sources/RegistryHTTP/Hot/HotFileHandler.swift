// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTPTypes
import RegistryCore
import RegistryService
import RegistryStorage

/// Answers downloads that `HotFiles` knows on the connection's event loop, and hands everything else on.
///
/// It answers only while no earlier request of the connection waits for its answer, so answers keep their order.
final class HotFileHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let answers: HotAnswers
    /// Requests that were handed on and whose answer is not complete.
    private var requestsAhead = 0
    /// The rest of a request that was answered here is dropped.
    private var isSwallowing = false
    /// A file is on its way; what comes meanwhile waits here.
    private var isSending = false
    private var held: [HTTPRequestPart] = []
    private var mustFlush = false

    init(answers: HotAnswers) {
        self.answers = answers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isSending { held.append(part) } else { receive(part, context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if mustFlush {
            mustFlush = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        // What was read ahead of a file's end is enough.
        if !isSending || held.isEmpty { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { requestsAhead -= 1 }
        context.write(data, promise: promise)
    }

    private func receive(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let request):
            if requestsAhead == 0, let answer = answers.answer(to: request) {
                isSwallowing = true
                send(answer, context)
            } else {
                requestsAhead += 1
                context.fireChannelRead(wrapInboundOut(part))
            }
        case .body where isSwallowing: break
        case .end where isSwallowing: isSwallowing = false
        case .body, .end: context.fireChannelRead(wrapInboundOut(part))
        }
    }

    private func send(_ answer: HotAnswers.Answer, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
        switch answer.entry.content {
        case .bytes(let buffer):
            if buffer.readableBytes > 0 { context.write(wrapOutboundOut(.body(buffer)), promise: nil) }
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
            mustFlush = true
            answers.noteEnd(of: answer, isComplete: true)
        case .file(let file):
            isSending = true
            sendFile(file, answer, context)
        }
    }

    private func sendFile(_ file: LocalFile, _ answer: HotAnswers.Answer, _ context: ChannelHandlerContext) {
        let done = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        done.futureResult.whenComplete { result in
            let (handler, context) = bound.value
            handler.fileEnded(result, answer, context)
        }
        let transfer = FileTransfer(file: file, range: 0..<answer.entry.sizeInBytes, done: done)
        context.triggerUserOutboundEvent(transfer, promise: nil)
        context.writeAndFlush(wrapOutboundOut(.body(ByteBuffer())), promise: nil)
    }

    private func fileEnded(
        _ result: Result<Void, any Error>,
        _ answer: HotAnswers.Answer,
        _ context: ChannelHandlerContext
    ) {
        isSending = false
        switch result {
        case .failure:
            answers.noteEnd(of: answer, isComplete: false)
            context.close(promise: nil)
        case .success:
            answers.noteEnd(of: answer, isComplete: true)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            resume(context)
        }
    }

    /// Takes up what came while a file was sent.
    private func resume(_ context: ChannelHandlerContext) {
        while !isSending, !held.isEmpty { receive(held.removeFirst(), context) }
        if mustFlush {
            mustFlush = false
            context.flush()
        }
        if !isSending {
            context.fireChannelReadComplete()
            context.read()
        }
    }
}

@available(*, unavailable)
extension HotFileHandler: Sendable {}
