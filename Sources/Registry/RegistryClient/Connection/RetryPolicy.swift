// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The schedule for retries: exponential back-off with jitter, or the server's `Retry-After`.
package struct RetryPolicy: Hashable, Sendable {
    /// The maximum number of attempts, including the first.
    package let attempts: Int

    /// The maximum wait after the first failure, doubled by each further failure.
    package let firstDelay: Duration

    /// The maximum of all waits, also when the server requests more.
    package let longestDelay: Duration

    /// The default policy: four attempts within a few seconds, or with waits of up to a minute if the server requests them.
    package static let standard = RetryPolicy(attempts: 4, firstDelay: .seconds(1), longestDelay: .seconds(60))

    /// Creates a policy.
    package init(attempts: Int, firstDelay: Duration, longestDelay: Duration) {
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }

    /// Returns the wait after the given failed attempt (counted from 1), or nil when there is no further attempt.
    ///
    /// `jitter` is between 0 and 1. Half of each wait is fixed and the other half is random. Clients that lost the same server
    /// therefore do not return at the same moment.
    package func delay(afterAttempt attempt: Int, retryAfter: Duration?, jitter: Double) -> Duration? {
        guard attempt < attempts else { return nil }
        if let retryAfter {
            guard retryAfter <= longestDelay else { return nil }
            return max(retryAfter, .zero) + firstDelay * jitter
        }
        return BackOff(first: firstDelay, longest: longestDelay).delay(afterFailure: attempt, jitter: jitter)
    }
}
