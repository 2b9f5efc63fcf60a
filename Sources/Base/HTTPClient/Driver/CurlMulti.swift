// SPDX-License-Identifier: Apache-2.0

import CCurl

/// A client's connections and the transfers on them.
// Confined to the client's thread, except `wakeUp`, which libcurl allows from any thread before `close`.
final class CurlMulti: @unchecked Sendable {
    /// The result of libcurl's global initialization, which runs once per process.
    private static let isReady = curl_begin() == CURLE_OK

    private let pointer: OpaquePointer

    /// Creates a set that keeps at most `idleConnections` idle connections.
    init(idleConnections: Int) {
        guard Self.isReady, let pointer = curl_transfers() else {
            preconditionFailure("libcurl cannot start: out of memory")
        }
        self.pointer = OpaquePointer(pointer)
        curl_multi_set_number(pointer, CURLMOPT_MAXCONNECTS, idleConnections)
    }

    private var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(pointer) }

    /// Adds a transfer; returns false when libcurl rejects it.
    func add(_ handle: CurlHandle) -> Bool { curl_transfers_add(raw, handle.pointer) == CURLM_OK }

    /// Removes a transfer, and closes its connection if the transfer is still running.
    func remove(_ handle: CurlHandle) { curl_transfers_remove(raw, handle.pointer) }

    /// Performs all work that does not block.
    func perform() {
        var running: Int32 = 0
        curl_transfers_perform(raw, &running)
    }

    /// Returns the next completed transfer and its result, each once.
    func nextResult() -> (handle: UnsafeMutableRawPointer, result: CURLcode)? {
        var rest: Int32 = 0
        while let message = curl_transfers_read(raw, &rest) {
            if message.pointee.msg == CURLMSG_DONE { return (message.pointee.easy_handle, curl_result_of(message)) }
        }
        return nil
    }

    /// Waits for activity on a connection, for `wakeUp`, or for the timeout.
    func wait(milliseconds: Int32) { curl_transfers_wait(raw, milliseconds) }

    /// Closes all connections; no callback runs afterwards.
    func close() { curl_transfers_free(raw) }

    /// Interrupts the current or the next `wait`.
    func wakeUp() { curl_transfers_wake(raw) }
}
