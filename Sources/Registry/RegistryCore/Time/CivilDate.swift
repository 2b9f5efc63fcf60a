// SPDX-License-Identifier: Apache-2.0

/// A day in the proleptic Gregorian calendar.
///
/// The arithmetic starts years in March, so that the leap day is the last day of a year, and uses eras of 400 years.
struct CivilDate: Hashable, Sendable {
    private static let daysPerEra: Int64 = 146_097
    /// The days from 1 March of the year 0 to 1 January 1970.
    private static let daysBeforeEpoch: Int64 = 719_468

    let year: Int64
    let month: Int
    let day: Int

    /// Creates a date, or returns nil when the day does not exist.
    init?(year: Int64, month: Int, day: Int) {
        guard (1...12).contains(month), (1...Self.dayCount(ofMonth: month, in: year)).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Creates the date that is the given number of days after 1 January 1970.
    init(daysSinceEpoch: Int64) {
        let shifted = daysSinceEpoch + Self.daysBeforeEpoch
        let era = shifted.flooredQuotient(by: Self.daysPerEra)
        let dayOfEra = shifted - era * Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The number of days since 1 January 1970.
    var daysSinceEpoch: Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = yearFromMarch.flooredQuotient(by: 400)
        let yearOfEra = yearFromMarch - era * 400
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.daysBeforeEpoch
    }

    /// The day of the week, 0 for Sunday.
    var weekday: Int {
        let days = daysSinceEpoch + 4
        return Int(days - days.flooredQuotient(by: 7) * 7)
    }

    private static func dayCount(ofMonth month: Int, in year: Int64) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

extension Int64 {
    /// Returns the quotient rounded down, also for negative numbers.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
