// SPDX-License-Identifier: Apache-2.0

/// A stream whose request is complete, as the connection keeps it (RFC 9113, section 5).
// Used on its loop's thread alone; the library keeps its address as long as the connection lists it.
final class HTTP2Stream {
    /// The content of an answer, as far as it was not sent.
    enum Content {
        case none
        case bytes([UInt8])
        case file(any FileContent)
        /// What the exchange's handler writes.
        case pieces
    }

    var id: Int32 = 0
    /// Where the connection lists it.
    var index = 0
    var content = Content.none
    /// Where in `content` the next byte lies: an offset into bytes or a file, or how many bytes of a stream were sent.
    var offset: Int64 = 0
    /// Where `content` ends; nil for streams of unknown length.
    var end: Int64?
    /// The library asked for content when there was none.
    var isDeferred = false
    /// Since when there is something to send of which nothing could be sent.
    var waitingSince: Int64 = 0
    var hasAnswer = false
    /// The last byte of the answer is on its way.
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

    /// Whether the answer has something to send now.
    var isReadyToSend: Bool {
        guard hasAnswer, !isAnswered else { return false }
        guard case .pieces = content, let exchange else { return true }
        return exchange.outgoing.count > 0 || exchange.outgoing.isEnded
    }
}
