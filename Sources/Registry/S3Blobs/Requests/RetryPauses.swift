// SPDX-License-Identifier: Apache-2.0

/// How long to wait between the tries of one call.
struct RetryPauses: Sendable {
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(3)

    /// The pause after a try of a number, counted from 1: doubled each time, and shortened by chance by up to a half, so
    /// that callers that failed together do not come back together; `chance` lies between 0 and 1.
    static func pause(afterTry number: Int, chance: Double) -> Duration {
        let whole = min(first * (1 << min(number - 1, 10)), longest)
        return whole * (1 - chance / 2)
    }
}
