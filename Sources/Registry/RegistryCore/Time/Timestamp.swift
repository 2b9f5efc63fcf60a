// SPDX-License-Identifier: Apache-2.0

/// A moment in UTC, to the microsecond.
package struct Timestamp: Hashable, Comparable, Sendable {
    private static let microsecondsPerSecond: Int64 = 1_000_000
    private static let secondsPerDay: Int64 = 86_400

    /// Microseconds since 1 January 1970.
    package let microseconds: Int64

    /// The moment so many microseconds after 1 January 1970.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment at a time of a day; `second` may be 60, which is the first second of the next minute.
    init(date: CivilDate, hour: Int64, minute: Int64, second: Int64) {
        let seconds = date.daysSinceEpoch * Self.secondsPerDay + hour * 3600 + minute * 60 + second
        microseconds = seconds * Self.microsecondsPerSecond
    }

    /// How much later another moment is; negative when it is earlier.
    package func duration(to other: Timestamp) -> Duration {
        .microseconds(other.microseconds) - .microseconds(microseconds)
    }

    /// The moment a duration later, or the last (first) one there is when that is beyond it.
    package func adding(_ duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: Self.microsecondsPerSecond)
        let (offset, isBeyond) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let (sum, isOut) = microseconds.addingReportingOverflow(offset)
        guard !isTooLong, !isBeyond, !isOut else {
            return Timestamp(microseconds: duration < .zero ? .min : .max)
        }
        return Timestamp(microseconds: sum)
    }

    /// Orders moments from the earlier to the later.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment in whole seconds, such as `2026-01-02T03:04:05Z` (RFC 3339).
    package var iso8601: String {
        "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))T\(timeOfDay)Z"
    }

    /// Whole seconds since 1 January 1970.
    var seconds: Int64 { microseconds.flooredQuotient(by: Self.microsecondsPerSecond) }

    /// The day of this moment.
    var date: CivilDate {
        CivilDate(daysSinceEpoch: seconds.flooredQuotient(by: Self.secondsPerDay))
    }

    /// The time of the day in whole seconds, as `03:04:05`.
    var timeOfDay: String {
        let second = seconds - seconds.flooredQuotient(by: Self.secondsPerDay) * Self.secondsPerDay
        return "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
    }
}

/// Writes a number with leading zeros.
func padded(_ number: some BinaryInteger, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
