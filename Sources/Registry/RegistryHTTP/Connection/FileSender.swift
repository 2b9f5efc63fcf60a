// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import RegistryStorage

/// A range of a local file that the kernel is to copy into the connection.
struct FileTransfer: Sendable {
    let file: LocalFile
    let range: Range<Int64>
    /// Succeeds when the last byte was handed to the kernel.
    let done: EventLoopPromise<Void>
}

/// Sends ranges of files with `sendfile`, past the HTTP library, whose parts can hold bytes in memory only.
///
/// A transfer is queued by an outbound event; the next empty body part is its place among the parts, so that the order of
/// parts stays the order on the wire. Only plain HTTP/1 connections have this handler.
final class FileSender: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var queue: [FileTransfer] = []

    /// Queues a transfer on a connection; nil when the connection can not send files itself.
    static func begin(
        _ file: LocalFile,
        _ range: Range<Int64>,
        on channel: any Channel
    ) async -> EventLoopFuture<Void>? {
        guard (try? await channel.pipeline.containsHandler(type: FileSender.self).get()) != nil else { return nil }
        let done = channel.eventLoop.makePromise(of: Void.self)
        do {
            try await channel.triggerUserOutboundEvent(FileTransfer(file: file, range: range, done: done)).get()
            return done.futureResult
        } catch {
            done.fail(error)
            return nil
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let transfer = event as? FileTransfer else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        queue.append(transfer)
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .body(let buffer) = unwrapOutboundIn(data), buffer.readableBytes == 0, !queue.isEmpty else {
            return context.write(data, promise: promise)
        }
        let transfer = queue.removeFirst()
        transfer.done.futureResult.cascade(to: promise)
        do {
            // Below the codec of the HTTP types, a body may be a region of a file.
            let codec = try context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)
            try FilePump(
                transfer.file,
                transfer.range,
                context: context,
                done: transfer.done,
                write: { codec.write(NIOAny(HTTPServerResponsePart.body(.fileRegion($0))), promise: $1) },
                flush: { codec.flush() }
            ).start()
        } catch {
            transfer.done.fail(error)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        for transfer in queue { transfer.done.fail(ChannelError.ioOnClosedChannel) }
        queue = []
    }
}

@available(*, unavailable)
extension FileSender: Sendable {}
