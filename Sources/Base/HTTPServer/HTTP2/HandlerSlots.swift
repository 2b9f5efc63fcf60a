// SPDX-License-Identifier: Apache-2.0

/// The limits on concurrently handled requests of a connection.
///
/// Requests without an upload wait for one of a few slots, so a connection with stalled responses holds few open files. Uploads never wait:
/// their buffered bytes would fill the connection's window, which the running uploads then lack.
struct HandlerSlots {
    static let most = 16
    static let mostUploads = 128

    private(set) var running = 0
    private(set) var uploads = 0
    private var waiting: [HTTP2Exchange] = []

    /// Whether no slot is left for an upload.
    ///
    /// A client reaches this limit when it cancels uploads faster than their handlers notice.
    var isFullOfUploads: Bool { uploads >= Self.mostUploads }

    /// Adds a request; returns whether it can be handled now.
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

    /// Removes a handled request; returns the next one to handle.
    mutating func ended(_ exchange: HTTP2Exchange) -> HTTP2Exchange? {
        if exchange.isUpload {
            uploads -= 1
            return nil
        }
        if !waiting.isEmpty { return waiting.removeFirst() }
        running -= 1
        return nil
    }

    /// Removes a waiting request; returns whether it was waiting.
    mutating func remove(_ exchange: HTTP2Exchange) -> Bool {
        guard let index = waiting.firstIndex(where: { $0 === exchange }) else { return false }
        waiting.remove(at: index)
        return true
    }

    mutating func removeAll() { waiting = [] }
}
