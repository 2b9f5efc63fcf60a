// SPDX-License-Identifier: Apache-2.0

/// When a failed request is sent again: exponential back-off with jitter, or what the server asks for.
package struct RetryPolicy: Hashable, Sendable {
    /// How often a request is sent at most, the first time included.
    package let attempts: Int

    /// The longest wait after the first failure; every further failure doubles it.
    package let firstDelay: Duration

    /// The longest wait of all, also for a server that asks for more.
    package let longestDelay: Duration

    /// Four attempts within a few seconds, or up to a minute between them if the server says so.
    package static let standard = RetryPolicy(attempts: 4, firstDelay: .seconds(1), longestDelay: .seconds(60))

    /// Creates a policy.
    package init(attempts: Int, firstDelay: Duration, longestDelay: Duration) {
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }

    /// The wait after the given failed attempt (counted from 1), or nil when there is no sense in another one.
    ///
    /// `jitter` is between 0 and 1. A half of each wait is fixed, the other half is spread, so that many clients that
    /// lost the same server do not come back at the same moment.
    package func delay(afterAttempt attempt: Int, retryAfter: Duration?, jitter: Double) -> Duration? {
        guard attempt < attempts else { return nil }
        if let retryAfter {
            guard retryAfter <= longestDelay else { return nil }
            return max(retryAfter, .zero) + firstDelay * jitter
        }
        let doublings = min(attempt - 1, 20)
        let whole = min(firstDelay * (1 << doublings), longestDelay)
        return whole / 2 + (whole / 2) * jitter
    }
}
