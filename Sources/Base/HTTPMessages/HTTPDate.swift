// SPDX-License-Identifier: Apache-2.0

/// A formatter for HTTP dates: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
package enum HTTPDate {
    /// The length of every date, in bytes.
    package static let length = 29

    private static let days: StaticString = "ThuFriSatSunMonTueWed"
    private static let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    /// Returns the date for seconds since 1970, in the years 1970 to 9999.
    package static func bytes(secondsSince1970 seconds: Int) -> [UInt8] {
        let (day, time) = (seconds / 86_400, seconds % 86_400)
        let civil = civilDate(day)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        append(days, day % 7, to: &bytes)
        bytes += ", ".utf8
        append(civil.day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        append(months, civil.month - 1, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        append(civil.year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        append(time / 3600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(time / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(time % 60, digits: 2, to: &bytes)
        bytes += " GMT".utf8
        return bytes
    }

    private static func append(_ names: StaticString, _ index: Int, to bytes: inout [UInt8]) {
        for offset in 0..<3 { unsafe bytes.append(names.utf8Start[index * 3 + offset]) }
    }

    private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var divisor = digits == 4 ? 1000 : 10
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Returns the proleptic Gregorian date for days since 1970-01-01, with years shifted to begin in March.
    private static func civilDate(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}
