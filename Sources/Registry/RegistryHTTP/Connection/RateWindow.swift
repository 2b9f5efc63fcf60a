// SPDX-License-Identifier: Apache-2.0

/// Judges the rate of a body by the time that was spent waiting for the client, and by nothing else.
///
/// Time in which the server was the slower side does not count. The clock is passed in.
struct RateWindow {
    /// The least rate in bytes per second.
    let leastRate: Int64
    /// How much waiting makes up one judgement.
    let length: Duration

    private var waitingSince: ContinuousClock.Instant?
    private var waited: Duration = .zero
    private var received: Int64 = 0

    init(leastRate: Int64, length: Duration) {
        self.leastRate = leastRate
        self.length = length
    }

    /// The server has nothing left to work on and waits for the client.
    mutating func beginWaiting(at now: ContinuousClock.Instant) {
        if waitingSince == nil { waitingSince = now }
    }

    /// Bytes have come.
    mutating func receive(_ count: Int, at now: ContinuousClock.Instant) {
        if let since = waitingSince { waited += now - since }
        waitingSince = nil
        received += Int64(count)
    }

    /// Whether the client was too slow in the window that ends now; begins a new window when one is over.
    mutating func isTooSlow(at now: ContinuousClock.Instant) -> Bool {
        let total = waited + (waitingSince.map { now - $0 } ?? .zero)
        guard total >= length else { return false }
        let least = Double(leastRate) * (length / .seconds(1))
        defer {
            waited = .zero
            received = 0
            if waitingSince != nil { waitingSince = now }
        }
        return Double(received) < least
    }
}
