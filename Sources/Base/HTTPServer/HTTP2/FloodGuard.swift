// SPDX-License-Identifier: Apache-2.0

/// A token bucket that limits a client's frames other than requests: frames consume tokens; time and useful work add them.
///
/// Window updates accompany transferred bytes, which therefore add tokens. Pings for latency measurement and occasional cancelled streams
/// never exhaust the bucket.
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

    /// Whether the client has exceeded the limit.
    var isExhausted: Bool { tokens < 0 }

    /// Counts a received frame.
    mutating func receive(_ frame: FrameScanner.Frame) {
        switch frame.type {
        case FrameScanner.FrameType.data:
            tokens -= Double(frame.length) / Self.ignoredBytesPerToken
            if frame.length == 0, !frame.endsStream { tokens -= 4 }
        // Header blocks cost as much as requests, which are not limited here.
        case FrameScanner.FrameType.headers: break
        case FrameScanner.FrameType.windowUpdate, FrameScanner.FrameType.priority: tokens -= 1
        case FrameScanner.FrameType.reset, FrameScanner.FrameType.continuation: tokens -= 4
        case FrameScanner.FrameType.settings: tokens -= frame.isAcknowledgement ? 1 : 10
        case FrameScanner.FrameType.ping: tokens -= 4
        case FrameScanner.FrameType.goAway: tokens -= 10
        default: tokens -= 2
        }
    }

    /// Counts a data frame that contains only padding.
    mutating func receivePadding() { tokens -= 4 }

    /// Counts a stream error that the client caused.
    mutating func fail() { tokens -= 4 }

    /// Adds tokens for transferred bytes of a useful body.
    mutating func earn(bytes: Int) { earn(Double(bytes) / Self.bytesPerToken) }

    /// Adds tokens for a complete response.
    mutating func earnAnswer() { earn(Self.tokensPerAnswer) }

    /// Adds tokens for elapsed time.
    mutating func refill(now: Int64) {
        earn(Double(max(now - lastRefill, 0)) / 1_000_000_000 * Self.tokensPerSecond)
        lastRefill = now
    }

    private mutating func earn(_ amount: Double) { tokens = min(tokens + amount, Self.capacity) }
}
