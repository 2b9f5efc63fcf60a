// SPDX-License-Identifier: Apache-2.0

/// The body of an answer as its reader holds it; the transfer ends when nobody does any more.
final class ReceivedBody: HTTPClientBodySource {
    private let transfer: Transfer
    private let thread: TransferThread

    init(_ transfer: Transfer, _ thread: TransferThread) {
        self.transfer = transfer
        self.thread = thread
    }

    deinit { thread.cancel(transfer, CancellationError()) }

    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await transfer.incoming.next { thread.resume(transfer) }
        } onCancel: {
            thread.cancel(transfer, CancellationError())
        }
    }
}
