// SPDX-License-Identifier: Apache-2.0

/// Judges the rate of a body by the time that was spent waiting for the client, and by nothing else.
///
/// Time in which the server was the slower side does not count. Moments are nanoseconds of a clock that the caller reads.
struct RateWindow {
    /// The least rate in bytes per second.
    let leastRate: Int64
    /// How much waiting makes up one judgement, in nanoseconds.
    let length: Int64

    private var waitingSince: Int64?
    private var waited: Int64 = 0
    private var received: Int64 = 0

    init(leastRate: Int64, length: Int64) {
        self.leastRate = leastRate
        self.length = length
    }

    /// The server has nothing left to work on and waits for the client.
    mutating func beginWaiting(at now: Int64) {
        if waitingSince == nil { waitingSince = now }
    }

    /// Bytes have come.
    mutating func receive(_ count: Int, at now: Int64) {
        if let since = waitingSince { waited += now - since }
        waitingSince = nil
        received += Int64(count)
    }

    /// Whether the client was too slow in the window that ends now; begins a new window when one is over.
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
