// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import RegistryStorage

/// Bytes of a file have left; the connection is alive.
struct FileProgress: Sendable {}

/// Sends a range of a file piece by piece with `sendfile`.
///
/// A few pieces are always queued, so that the connection never runs dry. Pieces grow while the client takes them at once
/// and shrink when it does not, so that the progress of a slow client can be seen.
final class FilePump {
    private static let smallestPiece: Int64 = 256 * 1024
    private static let largestPiece: Int64 = 32 * 1024 * 1024
    private static let piecesInFlight = 3
    private static let quick = Duration.milliseconds(100)

    private let context: ChannelHandlerContext
    private let write: (FileRegion, EventLoopPromise<Void>) -> Void
    private let flush: () -> Void
    private let done: EventLoopPromise<Void>
    private let handle: NIOFileHandle
    private var rest: Range<Int64>
    private var pieceSize: Int64 = 1024 * 1024
    private var inFlight = 0
    private var failure: (any Error)?

    /// `write` and `flush` put a region into the connection, at the place of the handler that knows how;
    /// `done` succeeds when the last byte was handed to the kernel.
    init(
        _ file: LocalFile,
        _ range: Range<Int64>,
        context: ChannelHandlerContext,
        done: EventLoopPromise<Void>,
        write: @escaping (FileRegion, EventLoopPromise<Void>) -> Void,
        flush: @escaping () -> Void
    ) throws {
        let descriptor = dup(file.descriptor)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        rest = range
        self.context = context
        self.done = done
        self.write = write
        self.flush = flush
    }

    func start() {
        while inFlight < Self.piecesInFlight, !rest.isEmpty { sendPiece() }
        flush()
        if inFlight == 0 { finish() }
    }

    private func sendPiece() {
        let end = min(rest.lowerBound + pieceSize, rest.upperBound)
        let region = FileRegion(fileHandle: handle, readerIndex: Int(rest.lowerBound), endIndex: Int(end))
        rest = end..<rest.upperBound
        inFlight += 1
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let start = ContinuousClock.now
        written.futureResult.whenComplete { bound.value.pieceEnded($0, after: ContinuousClock.now - start) }
        write(region, written)
    }

    private func pieceEnded(_ result: Result<Void, any Error>, after time: Duration) {
        inFlight -= 1
        switch result {
        case .success:
            pieceSize =
                time < Self.quick ? min(pieceSize * 2, Self.largestPiece) : max(pieceSize / 2, Self.smallestPiece)
            context.fireUserInboundEventTriggered(FileProgress())
            if failure == nil, !rest.isEmpty {
                sendPiece()
                flush()
            }
        case .failure(let error):
            failure = failure ?? error
        }
        if inFlight == 0 { finish() }
    }

    private func finish() {
        try? handle.close()
        if let failure { done.fail(failure) } else { done.succeed() }
    }
}
