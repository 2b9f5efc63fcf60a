// SPDX-License-Identifier: Apache-2.0

/// Which requests of a connection are handled at the same time.
///
/// Requests that ask for content wait for one of a few places, so that a connection whose answers are all stalled holds few open
/// contents. Uploads never wait: what they send fills the connection's window, which those that are handled would then lack.
struct HandlerSlots {
    static let most = 16
    static let mostUploads = 128

    private(set) var running = 0
    private(set) var uploads = 0
    private var waiting: [HTTP2Exchange] = []

    /// Whether there is no place for an upload.
    ///
    /// A client gets there when it gives up uploads faster than their handlers notice.
    var isFullOfUploads: Bool { uploads >= Self.mostUploads }

    /// Takes a request in; returns whether it can be handled now.
    mutating func add(_ exchange: HTTP2Exchange) -> Bool {
        if exchange.isUpload {
            uploads += 1
            return true
        }
        guard running < Self.most else {
            waiting.append(exchange)
            return false
        }
        running += 1
        return true
    }

    /// A request was handled; returns the one that can be handled in its place.
    mutating func ended(_ exchange: HTTP2Exchange) -> HTTP2Exchange? {
        if exchange.isUpload {
            uploads -= 1
            return nil
        }
        if !waiting.isEmpty { return waiting.removeFirst() }
        running -= 1
        return nil
    }

    /// Forgets a request that waits; returns whether it did.
    mutating func remove(_ exchange: HTTP2Exchange) -> Bool {
        guard let index = waiting.firstIndex(where: { $0 === exchange }) else { return false }
        waiting.remove(at: index)
        return true
    }

    mutating func removeAll() { waiting = [] }
}
