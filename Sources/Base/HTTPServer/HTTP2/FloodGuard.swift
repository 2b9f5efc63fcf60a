// SPDX-License-Identifier: Apache-2.0

/// Bounds what a client may cost besides requests: a bucket of tokens that frames empty, and time and useful work fill.
///
/// Updates of windows go with the bytes that flow, so bytes earn them. Pings of clients that measure a connection, and streams
/// that are given up now and then, never come near the end.
struct FloodGuard {
    static let capacity = 1000.0
    private static let tokensPerSecond = 50.0
    private static let bytesPerToken = 2048.0
    private static let ignoredBytesPerToken = 65_536.0
    private static let tokensPerAnswer = 8.0

    private var tokens = capacity
    private var lastRefill: Int64

    init(now: Int64) {
        lastRefill = now
    }

    /// Whether the client went too far.
    var isExhausted: Bool { tokens < 0 }

    /// A frame has come.
    mutating func receive(_ frame: FrameScanner.Frame) {
        switch frame.type {
        case FrameScanner.FrameType.data:
            tokens -= Double(frame.length) / Self.ignoredBytesPerToken
            if frame.length == 0, !frame.endsStream { tokens -= 4 }
        // Heads cost what requests cost, which is not bounded here.
        case FrameScanner.FrameType.headers: break
        case FrameScanner.FrameType.windowUpdate, FrameScanner.FrameType.priority: tokens -= 1
        case FrameScanner.FrameType.reset, FrameScanner.FrameType.continuation: tokens -= 4
        case FrameScanner.FrameType.settings: tokens -= frame.isAcknowledgement ? 1 : 10
        case FrameScanner.FrameType.ping: tokens -= 4
        case FrameScanner.FrameType.goAway: tokens -= 10
        default: tokens -= 2
        }
    }

    /// A frame of content had nothing but padding.
    mutating func receivePadding() { tokens -= 4 }

    /// The client made a stream fail.
    mutating func fail() { tokens -= 4 }

    /// Bytes of a body that was wanted came or went.
    mutating func earn(bytes: Int) { earn(Double(bytes) / Self.bytesPerToken) }

    /// An answer was sent to its end.
    mutating func earnAnswer() { earn(Self.tokensPerAnswer) }

    /// Time has passed.
    mutating func refill(now: Int64) {
        earn(Double(max(now - lastRefill, 0)) / 1_000_000_000 * Self.tokensPerSecond)
        lastRefill = now
    }

    private mutating func earn(_ amount: Double) { tokens = min(tokens + amount, Self.capacity) }
}
