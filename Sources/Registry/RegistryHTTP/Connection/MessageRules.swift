// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// What HTTP/1 demands of messages and the library does not do, below the codec that hides the version:
/// connections of HTTP/1.0 end with their answer unless the client asks otherwise (RFC 9112, section 9.3), and a request
/// of HTTP/1.1 names exactly one host (section 3.2).
final class MessageRules: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Connection {
        case persistent
        case keptAlive
        case closes
    }

    /// What becomes of the connection after the answers that are still to come, in their order.
    private var pending: [Connection] = []
    private var isBroken = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        if case .head(let head) = unwrapInboundIn(data) {
            guard head.version != .http1_1 || head.headers["host"].count == 1 else {
                isBroken = true
                return context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
            }
            pending.append(Self.connection(of: head))
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch (unwrapOutboundIn(data), pending.first) {
        case (.head(var head), let connection?) where connection != .persistent && head.status != .continue:
            head.headers.replaceOrAdd(name: "Connection", value: connection == .closes ? "close" : "keep-alive")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case (.end, let connection?):
            pending.removeFirst()
            guard connection == .closes else { return context.write(data, promise: promise) }
            let channel = context.channel
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.writeAndFlush(data, promise: written)
        default:
            context.write(data, promise: promise)
        }
    }

    private static func connection(of head: HTTPRequestHead) -> Connection {
        guard head.version != .http1_1 else { return .persistent }
        let options = head.headers[canonicalForm: "connection"]
        return options.contains { $0.lowercased() == "keep-alive" } ? .keptAlive : .closes
    }
}

@available(*, unavailable)
extension MessageRules: Sendable {}
