// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import RegistryCore

/// The client sends a body more slowly than the limit allows.
struct UploadTooSlow: Error {}

/// An event for a connection whose request's body is to end where it is, since the server is told to stop.
struct BodyInterruption: Error {}

/// Does for each connection what the HTTP library leaves out (RFC 9112, section 9.6, and common defence):
/// refuses slow bodies, clients that stop reading and silent connections, closes a connection whose body was refused in a way that lets the
/// client read the answer, and answers what is not HTTP with a sentence.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a client has to read an answer that came before it had sent its body.
    private static let lingerTime = TimeAmount.seconds(5)
    private static let lingerBufferSize: ChannelOptions.Types.SocketOption.Value = 64 * 1024

    private var progress: ConnectionProgress
    private let tick: TimeAmount
    private var timer: RepeatedTask?
    /// Streams of HTTP/2 are closed one by one; only a connection of HTTP/1 says that it closes.
    private var isHTTP1 = true
    /// A message that could not be read; its refusal waits for the answers to the requests before it.
    private var unreadable: HTTPParserError?
    /// A response began and nothing followed its head, which waits so that the kernel gets both together.
    private var holdsHead = false

    init(limits: Limits) {
        progress = ConnectionProgress(limits: limits, at: .now)
        tick = TimeAmount(min(limits.uploadWindow, limits.stalledReader, limits.idleTimeout) / 4)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        isHTTP1 = (try? context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)) != nil
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in
            let (guardian, context) = bound.value
            guardian.judge(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let wasLingering = progress.isLingering
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard !wasLingering else { return }
            // RFC 9112, section 6.3: a request with neither field has no body.
            let isChunked = head.headerFields.contains(.transferEncoding)
            progress.endsWithRequest = head.headerFields[.connection]?.lowercased() == "close"
            progress.receiveHead(
                remaining: isChunked ? nil : head.headerFields[.contentLength].flatMap { Int64($0) } ?? 0,
                expectsContinue: head.headerFields[.expect]?.lowercased() == "100-continue"
            )
        case .body(let buffer): progress.receiveBody(buffer.readableBytes, at: .now)
        case .end:
            if progress.receiveEnd() { context.close(promise: nil) }
        }
        if !wasLingering { context.fireChannelRead(data) }
    }

    func read(context: ChannelHandlerContext) {
        guard progress.mayRead else { return }
        progress.requestRead(at: .now)
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !progress.isReceiving, !progress.isLingering else {
            return context.fireErrorCaught(error)
        }
        // What comes behind a request that ends the connection is of no interest.
        guard !progress.endsWithRequest else { return }
        if progress.isAnswering { unreadable = error } else { refuse(error, context) }
    }

    /// Answers a head that could not be read; there is no request that could be handed on.
    private func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        let isHeaderOverflow = error == .headerOverflow
        let text = ErrorResponse.unreadableRequest(isTooLarge: isHeaderOverflow)
        var head = HTTPResponse(status: isHeaderOverflow ? .requestHeaderFieldsTooLarge : .badRequest)
        head.headerFields[.contentType] = "text/plain; charset=utf-8"
        head.headerFields[.contentLength] = String(text.utf8.count)
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(string: text))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    // MARK: Outbound

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is FileProgress: progress.noteWrite(at: .now)
        case let interruption as BodyInterruption:
            if progress.isReceiving { context.fireErrorCaught(interruption) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status == .continue:
            progress.sendContinue()
            context.write(data, promise: promise)
        case .head(var head):
            if progress.sendHead(), isHTTP1 { head.headerFields[.connection] = "close" }
            holdsHead = true
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            holdsHead = false
            progress.beginWrite(at: .now)
            let promise = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            promise.futureResult.whenComplete { _ in bound.value.progress.finishWrite(at: .now) }
            context.write(data, promise: promise)
        case .end:
            holdsHead = false
            switch progress.sendEnd(at: .now) {
            case .goesOn:
                context.write(data, promise: promise)
                if let unreadable, !progress.isAnswering { refuse(unreadable, context) }
            case .lingers: linger(context, data, promise)
            case .closes:
                let channel = context.channel
                let written = promise ?? context.eventLoop.makePromise()
                written.futureResult.whenComplete { _ in channel.close(promise: nil) }
                context.writeAndFlush(data, promise: written)
            }
        }
    }

    func flush(context: ChannelHandlerContext) {
        if !holdsHead { context.flush() }
    }

    /// Ends the response, then goes on reading a little, so that the kernel does not answer the client's next bytes with a
    /// reset that would destroy the response on its way.
    private func linger(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        let channel = context.channel
        // The kernel, too, is to take no more of a body that nobody wants.
        if isHTTP1 { _ = channel.setOption(.socketOption(.so_rcvbuf), value: Self.lingerBufferSize) }
        let written = promise ?? context.eventLoop.makePromise()
        let endsOutput = isHTTP1
        written.futureResult.whenComplete { _ in
            if endsOutput { channel.close(mode: .output, promise: nil) }
            channel.read()
        }
        context.eventLoop.scheduleTask(in: Self.lingerTime) { channel.close(promise: nil) }
        context.writeAndFlush(data, promise: written)
    }

    /// What `HotFileHandler` does without this handler: it tells directly, as events through the pipeline cost too much.
    func noteHotAnswer() { progress.noteActivity(at: .now) }
    func noteHotFileBegan() { progress.beginWrite(at: .now) }
    func noteHotFileEnded() { progress.finishWrite(at: .now) }

    private func judge(_ context: ChannelHandlerContext) {
        switch progress.judge(at: .now) {
        case .fine: break
        case .uploadTooSlow: context.fireErrorCaught(UploadTooSlow())
        case .readerStalled, .silent: context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
