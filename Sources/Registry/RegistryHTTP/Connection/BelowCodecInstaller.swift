// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTPTypesHTTP1

/// Puts handlers below the codec of the HTTP types, where the library offers no place for them.
///
/// The first is nearest to the socket. Streams of HTTP/2 have no such codec and get none.
final class BelowCodecInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let handlers: [any ChannelHandler]

    init(_ handlers: [any ChannelHandler]) {
        self.handlers = handlers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        guard let codec = try? pipeline.context(handlerType: HTTP1ToHTTPServerCodec.self) else { return }
        try? pipeline.addHandlers(handlers, position: .before(codec.handler))
    }
}

@available(*, unavailable)
extension BelowCodecInstaller: Sendable {}
