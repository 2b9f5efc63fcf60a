// SPDX-License-Identifier: Apache-2.0

/// A reader's reference to a response body; releasing the last one cancels the transfer.
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
