// SPDX-License-Identifier: Apache-2.0

import Glibc
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

/// Bytes of a file have left; the connection is alive.
struct FileTransferProgress: Sendable {}

/// Sends ranges of files with `sendfile`, past the HTTP library, whose parts can hold bytes in memory only.
///
/// A transfer is queued by an outbound event; the next empty body part is its place among the parts, so that the order of
/// parts stays the order on the wire. Only plain HTTP/1 connections have this handler: elsewhere the event is refused.
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
            try OngoingTransfer(transfer, codec: codec, context: context).start()
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

/// A transfer under way: a few pieces are always queued, so that the connection never runs dry and no piece is so large
/// that a slow reader seems to stand still.
private final class OngoingTransfer {
    private static let pieceSizeInBytes: Int64 = 1024 * 1024
    private static let piecesInFlight = 4

    private let transfer: FileTransfer
    private let codec: ChannelHandlerContext
    private let context: ChannelHandlerContext
    private let handle: NIOFileHandle
    private var rest: Range<Int64>
    private var inFlight = 0
    private var failure: (any Error)?

    init(_ transfer: FileTransfer, codec: ChannelHandlerContext, context: ChannelHandlerContext) throws {
        let descriptor = dup(transfer.file.descriptor)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
        self.transfer = transfer
        self.codec = codec
        self.context = context
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        rest = transfer.range
    }

    func start() {
        while inFlight < Self.piecesInFlight, !rest.isEmpty { sendPiece() }
        codec.flush()
        if inFlight == 0 { finish() }
    }

    private func sendPiece() {
        let end = min(rest.lowerBound + Self.pieceSizeInBytes, rest.upperBound)
        let region = FileRegion(fileHandle: handle, readerIndex: Int(rest.lowerBound), endIndex: Int(end))
        rest = end..<rest.upperBound
        inFlight += 1
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { bound.value.pieceEnded($0) }
        codec.write(NIOAny(HTTPServerResponsePart.body(.fileRegion(region))), promise: written)
    }

    private func pieceEnded(_ result: Result<Void, any Error>) {
        inFlight -= 1
        switch result {
        case .success:
            context.fireUserInboundEventTriggered(FileTransferProgress())
            if failure == nil, !rest.isEmpty {
                sendPiece()
                codec.flush()
            }
        case .failure(let error):
            failure = failure ?? error
        }
        if inFlight == 0 { finish() }
    }

    private func finish() {
        try? handle.close()
        if let failure { transfer.done.fail(failure) } else { transfer.done.succeed() }
    }
}
