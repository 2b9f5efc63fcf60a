// SPDX-License-Identifier: Apache-2.0

/// A rate limit that counts only the time spent waiting for the client.
///
/// Time in which the server is the bottleneck does not count. Times are nanoseconds on the caller's clock.
struct RateWindow {
    /// The minimum rate in bytes per second.
    let leastRate: Int64
    /// The amount of waiting time per window, in nanoseconds.
    let length: Int64

    private var waitingSince: Int64?
    private var waited: Int64 = 0
    private var received: Int64 = 0

    init(leastRate: Int64, length: Int64) {
        self.leastRate = leastRate
        self.length = length
    }

    /// Starts counting time, because the server waits for the client.
    mutating func beginWaiting(at now: Int64) {
        if waitingSince == nil { waitingSince = now }
    }

    /// Counts received bytes and stops counting time.
    mutating func receive(_ count: Int, at now: Int64) {
        if let since = waitingSince { waited += now - since }
        waitingSince = nil
        received += Int64(count)
    }

    /// Returns whether the client was too slow in a window that is complete; then starts the next window.
    mutating func isTooSlow(at now: Int64) -> Bool {
        let total = waited + (waitingSince.map { now - $0 } ?? 0)
        guard total >= length else { return false }
        let least = Double(leastRate) * Double(length) / 1_000_000_000
        defer {
            waited = 0
            received = 0
            if waitingSince != nil { waitingSince = now }
        }
        return Double(received) < least
    }
}
