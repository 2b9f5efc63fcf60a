// SPDX-License-Identifier: Apache-2.0

/// The waits between the attempts of one task: exponential, up to a limit.
package struct BackOff: Hashable, Sendable {
    /// The maximum wait after the first failure, doubled by each further failure.
    package let first: Duration
    /// The maximum of all waits.
    package let longest: Duration

    package init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// Returns the wait after the given failure, counted from 1.
    ///
    /// `jitter` is between 0 and 1. Half of each wait is fixed and the other half is multiplied by it. With random values, those that
    /// failed together do not retry at the same moment.
    package func delay(afterFailure number: Int, jitter: Double = 1) -> Duration {
        let whole = min(first * (1 << min(number - 1, 20)), longest)
        return whole - whole * ((1 - jitter) / 2)
    }
}
