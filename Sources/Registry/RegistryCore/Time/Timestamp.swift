// SPDX-License-Identifier: Apache-2.0

/// A point in time in UTC, with microsecond precision.
package struct Timestamp: Hashable, Comparable, Sendable {
    private static let microsecondsPerSecond: Int64 = 1_000_000
    private static let secondsPerDay: Int64 = 86_400

    /// The microseconds since 1 January 1970.
    package let microseconds: Int64

    /// Creates a timestamp from the microseconds since 1 January 1970.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Creates a timestamp from a date and time; a `second` of 60 is the first second of the next minute.
    init(date: CivilDate, hour: Int64, minute: Int64, second: Int64) {
        let seconds = date.daysSinceEpoch * Self.secondsPerDay + hour * 3600 + minute * 60 + second
        microseconds = seconds * Self.microsecondsPerSecond
    }

    /// Returns the time from this timestamp to another; negative when the other is earlier.
    package func duration(to other: Timestamp) -> Duration {
        .microseconds(other.microseconds) - .microseconds(microseconds)
    }

    /// Returns the timestamp after a duration, limited to the range of timestamps.
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

    /// Orders timestamps from earlier to later.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The timestamp in whole seconds, such as `2026-01-02T03:04:05Z` (RFC 3339).
    package var iso8601: String {
        "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))T\(timeOfDay)Z"
    }

    /// The whole seconds since 1 January 1970.
    var seconds: Int64 { microseconds.flooredQuotient(by: Self.microsecondsPerSecond) }

    /// The date of this timestamp.
    var date: CivilDate {
        CivilDate(daysSinceEpoch: seconds.flooredQuotient(by: Self.secondsPerDay))
    }

    /// The time of the day in whole seconds, as `03:04:05`.
    var timeOfDay: String {
        let second = seconds - seconds.flooredQuotient(by: Self.secondsPerDay) * Self.secondsPerDay
        return "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
    }
}

/// Formats a number with leading zeros.
func padded(_ number: some BinaryInteger, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
