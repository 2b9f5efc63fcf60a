// SPDX-License-Identifier: Apache-2.0

/// The pauses between the attempts of one call.
struct RetryPauses: Sendable {
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(3)

    /// Returns the pause after the given attempt, counted from 1.
    ///
    /// Each attempt doubles the pause. A random reduction of up to one half keeps callers that failed together from retrying together.
    /// `chance` is between 0 and 1.
    static func pause(afterTry number: Int, chance: Double) -> Duration {
        let whole = min(first * (1 << min(number - 1, 10)), longest)
        return whole * (1 - chance / 2)
    }
}
