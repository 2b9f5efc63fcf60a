// SPDX-License-Identifier: Apache-2.0

/// The flow-control credit for uploads, per stream and per connection (RFC 9113, section 5.2).
///
/// Every stream may send `streamWindow` in advance, and all streams together `connectionWindow`. A longer upload that is being read borrows
/// half of the remaining `extra` until it ends. On a high-latency connection, HTTP/2 therefore needs no more round trips than HTTP/1.1.
/// Credit reserves no memory: when a handler becomes slow, the transport is not read until the handler catches up.
struct UploadCredit {
    static let streamWindow = 1 << 20
    static let connectionWindow = 2 << 20
    private static let extra = 64 << 20

    private(set) var lent = 0

    /// Returns the credit for a stream in addition to its window; `contentLength` is nil when unknown.
    mutating func lend(for contentLength: Int64?) -> Int {
        var amount = (Self.extra - lent) / 2
        if let contentLength { amount = Int(min(Int64(amount), max(contentLength - Int64(Self.streamWindow), 0))) }
        lent += amount
        return amount
    }

    mutating func giveBack(_ amount: Int) { lent -= amount }
}
