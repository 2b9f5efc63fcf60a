// SPDX-License-Identifier: Apache-2.0

/// The dates of HTTP (RFC 9110 section 5.6.7).
extension Timestamp {
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The timestamp in whole seconds, such as `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate).
    package var httpDate: String {
        let date = date
        let day = Self.days[date.weekday].prefix(3)
        return "\(day), \(padded(date.day)) \(Self.months[date.month - 1]) \(padded(date.year, 4)) \(timeOfDay) GMT"
    }

    /// Parses any of the three forms of an HTTP date, or returns nil.
    package init?(httpDate text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let moment = Self.imfFixdate(words) ?? Self.rfc850Date(words) ?? Self.asctimeDate(words) else {
            return nil
        }
        self = moment
    }

    /// Parses a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func imfFixdate(_ words: [Substring]) -> Timestamp? {
        guard words.count == 6, words[5] == "GMT", words[0].hasSuffix(","), isShortDay(words[0].dropLast()) else {
            return nil
        }
        guard let year = number(words[3], digits: 4) else { return nil }
        return moment(year: year, month: words[2], day: words[1], time: words[4])
    }

    /// Parses a date such as `Sunday, 06-Nov-94 08:49:37 GMT`.
    ///
    /// The years 70 to 99 belong to the 20th century. RFC 9110 would use the clock, but no file here is older.
    private static func rfc850Date(_ words: [Substring]) -> Timestamp? {
        guard words.count == 4, words[3] == "GMT", words[0].hasSuffix(",") else { return nil }
        guard days.contains(String(words[0].dropLast())) else { return nil }
        let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[2], digits: 2) else { return nil }
        return moment(year: year < 70 ? 2000 + year : 1900 + year, month: parts[1], day: parts[0], time: words[2])
    }

    /// Parses a date such as `Sun Nov  6 08:49:37 1994`.
    private static func asctimeDate(_ words: [Substring]) -> Timestamp? {
        // A one-digit day is preceded by an additional space.
        let isPadded = words.count == 6 && words[2].isEmpty && words[3].utf8.count == 1
        let parts = isPadded ? [words[0], words[1], "0" + words[3], words[4], words[5]] : words
        guard parts.count == 5, isShortDay(parts[0]), let year = number(parts[4], digits: 4) else { return nil }
        return moment(year: year, month: parts[1], day: parts[2], time: parts[3])
    }

    private static func moment(year: Int64, month: Substring, day: Substring, time: Substring) -> Timestamp? {
        guard let monthIndex = months.firstIndex(of: String(month)), let day = number(day, digits: 2) else {
            return nil
        }
        guard let date = CivilDate(year: year, month: monthIndex + 1, day: Int(day)) else { return nil }
        let parts = time.split(separator: ":", omittingEmptySubsequences: false).map { number($0, digits: 2) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2] else { return nil }
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        return Timestamp(date: date, hour: hour, minute: minute, second: second)
    }

    private static func isShortDay(_ text: Substring) -> Bool {
        days.contains { $0.prefix(3) == text }
    }

    /// Parses exactly the given number of decimal digits.
    private static func number(_ text: Substring, digits: Int) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int64(text)
    }
}
