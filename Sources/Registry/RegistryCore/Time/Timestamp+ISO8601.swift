// SPDX-License-Identifier: Apache-2.0

extension Timestamp {
    /// Parses a UTC timestamp such as `2026-01-02T03:04:05.678Z` (RFC 3339), with or without a fraction, or returns nil.
    package init?(iso8601 text: some StringProtocol) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasSuffix("Z") else { return nil }
        let dateParts = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        let timeParts = parts[1].dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard dateParts.count == 3, timeParts.count == 3, let seconds = Self.seconds(timeParts[2]) else { return nil }
        guard let year = Self.digits(dateParts[0], 4), let month = Self.digits(dateParts[1], 2),
            let day = Self.digits(dateParts[2], 2), let date = CivilDate(year: year, month: Int(month), day: Int(day)),
            let hour = Self.digits(timeParts[0], 2), let minute = Self.digits(timeParts[1], 2)
        else { return nil }
        guard hour < 24, minute < 60, seconds.whole <= 60 else { return nil }
        let start = Timestamp(date: date, hour: hour, minute: minute, second: seconds.whole)
        self.init(microseconds: start.microseconds + seconds.microseconds)
    }

    /// Parses seconds such as `05` or `05.678`.
    private static func seconds(_ text: some StringProtocol) -> (whole: Int64, microseconds: Int64)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = digits(parts[0], 2) else { return nil }
        guard parts.count == 2 else { return (whole, 0) }
        // A timestamp does not hold digits after the sixth.
        let fraction = String(parts[1].prefix(6))
        guard !fraction.isEmpty, parts[1].utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        let filled = fraction + String(repeating: "0", count: 6 - fraction.utf8.count)
        return Int64(filled).map { (whole, $0) }
    }

    /// Parses exactly the given number of decimal digits.
    private static func digits(_ text: some StringProtocol, _ count: Int) -> Int64? {
        guard text.utf8.count == count, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int64(text)
    }
}
