// SPDX-License-Identifier: Apache-2.0

import CCurl

/// The connections of a client and the transfers on them.
// Used on the client's thread alone, but for `wakeUp`, which libcurl allows from any thread before `close`.
final class CurlMulti: @unchecked Sendable {
    /// Once for the process; libcurl counts its users.
    private static let isReady = curl_begin() == CURLE_OK

    private let pointer: OpaquePointer

    /// Keeps so many idle connections at most.
    init(idleConnections: Int) {
        guard Self.isReady, let pointer = curl_transfers() else {
            preconditionFailure("libcurl could not begin: there is no memory left")
        }
        self.pointer = OpaquePointer(pointer)
        curl_multi_set_number(pointer, CURLMOPT_MAXCONNECTS, idleConnections)
    }

    private var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(pointer) }

    /// False when libcurl does not take it.
    func add(_ handle: CurlHandle) -> Bool { curl_transfers_add(raw, handle.pointer) == CURLM_OK }

    /// Takes a transfer out; the connection of one that is under way is closed.
    func remove(_ handle: CurlHandle) { curl_transfers_remove(raw, handle.pointer) }

    /// Does what can be done without waiting.
    func perform() {
        var running: Int32 = 0
        curl_transfers_perform(raw, &running)
    }

    /// The next transfer that has ended, and how; each is told once.
    func nextResult() -> (handle: UnsafeMutableRawPointer, result: CURLcode)? {
        var rest: Int32 = 0
        while let message = curl_transfers_read(raw, &rest) {
            if message.pointee.msg == CURLMSG_DONE { return (message.pointee.easy_handle, curl_result_of(message)) }
        }
        return nil
    }

    /// Waits for a connection, for `wakeUp`, or for so many milliseconds at most.
    func wait(milliseconds: Int32) { curl_transfers_wait(raw, milliseconds) }

    /// Closes all connections; nothing is called afterwards.
    func close() { curl_transfers_free(raw) }

    /// Ends `wait`, or the next one.
    func wakeUp() { curl_transfers_wake(raw) }
}
