// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("moments and HTTP dates", .timeLimit(.minutes(15)))
struct TimestampTests {
    /// The moment of the examples of RFC 9110 section 5.6.7.
    private static let example = Timestamp(microseconds: 784_111_777_000_000)

    @Test(
        "the three forms of RFC 9110 name the same moment",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "Sun Nov 06 08:49:37 1994",
        ]
    )
    func forms(_ text: String) {
        #expect(Timestamp(httpDate: text) == Self.example)
    }

    @Test("moments are written as IMF-fixdate and RFC 3339")
    func writing() {
        let rows: [(Int64, String, String)] = [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59Z"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00Z"),
            (1_767_323_045, "Fri, 02 Jan 2026 03:04:05 GMT", "2026-01-02T03:04:05Z"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00Z"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"),
            (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT", "0000-01-01T00:00:00Z"),
        ]
        for (seconds, http, iso) in rows {
            let moment = Timestamp(microseconds: seconds * 1_000_000)
            #expect(moment.httpDate == http)
            #expect(moment.iso8601 == iso)
            #expect(Timestamp(microseconds: seconds * 1_000_000 + 999_999).iso8601 == iso)
            #expect(Timestamp(httpDate: http) == moment)
        }
    }

    @Test(
        "two-digit years are of the century in which files are published",
        arguments: [("69", "2069"), ("70", "1970"), ("99", "1999"), ("00", "2000"), ("26", "2026")]
    )
    func twoDigitYears(_ short: String, _ long: String) {
        let moment = Timestamp(httpDate: "Monday, 05-Jan-\(short) 00:00:00 GMT")
        #expect(moment != nil)
        #expect(moment == Timestamp(httpDate: "Mon, 05 Jan \(long) 00:00:00 GMT"))
    }

    @Test("a leap second is the first second of the next minute")
    func leapSecond() {
        #expect(
            Timestamp(httpDate: "Sat, 31 Dec 2016 23:59:60 GMT") == Timestamp(httpDate: "Sun, 01 Jan 2017 00:00:00 GMT")
        )
        #expect(Timestamp(httpDate: "Sat, 31 Dec 2016 23:59:60 GMT") != nil)
    }

    @Test(
        "what is no HTTP date is refused",
        arguments: [
            "", "0", "784111777", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994  08:49:37 GMT",
            "Sun 06 Nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
            "Sun Nov  06 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun, ٠٦ Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        ]
    )
    func refusals(_ text: String) {
        #expect(Timestamp(httpDate: text) == nil)
    }

    @Test("every month of six centuries starts and ends on the day that a calendar counts to")
    func calendar() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var day: Int64 = 0
        for year in 1970..<2570 {
            let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
            for month in 1...12 {
                let length = lengths[month - 1] + (month == 2 && isLeap ? 1 : 0)
                let prefix = "\(year)-\(month < 10 ? "0" : "")\(month)-"
                let first = Timestamp(microseconds: day * 86_400_000_000)
                day += Int64(length)
                let last = Timestamp(microseconds: day * 86_400_000_000 - 1)
                #expect(first.iso8601 == "\(prefix)01T00:00:00Z")
                #expect(last.iso8601 == "\(prefix)\(length)T23:59:59Z")
            }
        }
    }

    @Test("an HTTP date comes back as it was written", arguments: SplitMix64.seeds)
    func roundTrip(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let seconds = Int64.random(in: -62_167_219_200...253_402_300_799, using: &random)
            let moment = Timestamp(microseconds: seconds * 1_000_000)
            #expect(Timestamp(httpDate: moment.httpDate) == moment, "seed \(seed): \(seconds)")
        }
    }

    @Test("a duration is added to the microsecond and never overflows")
    func adding() {
        let moment = Timestamp(microseconds: 1_000_000)
        #expect(moment.adding(.seconds(2)).microseconds == 3_000_000)
        #expect(moment.adding(.microseconds(1)).microseconds == 1_000_001)
        #expect(moment.adding(.milliseconds(-1500)).microseconds == -500_000)
        #expect(moment.adding(.seconds(Int64.max)).microseconds == .max)
        #expect(moment.adding(.seconds(Int64.min)).microseconds == .min)
        #expect(Timestamp(microseconds: .max).adding(.microseconds(1)).microseconds == .max)
        #expect(moment < moment.adding(.microseconds(1)))
    }

    @Test("the first and the last moment can be written")
    func extremes() {
        #expect(Timestamp(microseconds: .max).iso8601 == "294247-01-10T04:00:54Z")
        #expect(!Timestamp(microseconds: .min).httpDate.isEmpty)
    }
}
