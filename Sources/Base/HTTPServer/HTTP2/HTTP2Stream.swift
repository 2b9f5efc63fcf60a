// SPDX-License-Identifier: Apache-2.0

/// A stream with a complete request head (RFC 9113, section 5).
// Confined to its loop's thread; the library keeps its address while the connection lists it.
final class HTTP2Stream {
    /// The unsent content of a response.
    enum Content {
        case none
        case bytes([UInt8])
        case file(any FileContent)
        /// The pieces that the exchange's handler writes.
        case pieces
    }

    var id: Int32 = 0
    /// The index in the connection's list.
    var index = 0
    var content = Content.none
    /// The position of the next byte in `content`; for a stream of pieces, the number of bytes sent.
    var offset: Int64 = 0
    /// The end of `content`; nil for streams of unknown length.
    var end: Int64?
    /// Whether the library found no content available and waits for more.
    var isDeferred = false
    /// The time since which sendable data has made no progress.
    var waitingSince: Int64 = 0
    var hasAnswer = false
    /// Whether the last byte of the response is written to the output.
    var isAnswered = false
    var immediate: ImmediateAnswer?
    var exchange: HTTP2Exchange?

    func clear() {
        content = .none
        offset = 0
        end = nil
        isDeferred = false
        hasAnswer = false
        isAnswered = false
        immediate = nil
        exchange = nil
    }

    /// Whether the response can send data now.
    var isReadyToSend: Bool {
        guard hasAnswer, !isAnswered else { return false }
        guard case .pieces = content, let exchange else { return true }
        return exchange.outgoing.count > 0 || exchange.outgoing.isEnded
    }
}
