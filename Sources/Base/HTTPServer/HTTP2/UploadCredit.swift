// SPDX-License-Identifier: Apache-2.0

/// How much clients may send ahead of what is read, by stream and by connection (RFC 9113, section 5.2).
///
/// Every stream may send `streamWindow` unasked, all together `connectionWindow`. A longer upload that is being read gets half of
/// what is left of `extra` until it ends, so that on a long line HTTP/2 costs no round trips that HTTP/1.1 does not.
/// Credit takes no memory: should a handler become slow, the transport is not read until it has caught up.
struct UploadCredit {
    static let streamWindow = 1 << 20
    static let connectionWindow = 2 << 20
    private static let extra = 64 << 20

    private(set) var lent = 0

    /// What a stream gets beside its window, for a body of so many bytes in all; nil when that is not known.
    mutating func lend(for contentLength: Int64?) -> Int {
        var amount = (Self.extra - lent) / 2
        if let contentLength { amount = Int(min(Int64(amount), max(contentLength - Int64(Self.streamWindow), 0))) }
        lent += amount
        return amount
    }

    mutating func giveBack(_ amount: Int) { lent -= amount }
}
