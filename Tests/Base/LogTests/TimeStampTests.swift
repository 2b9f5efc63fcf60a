// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Log

@Suite("times of the log", .timeLimit(.minutes(15)))
struct TimeStampTests {
    @Test(
        "are as RFC 3339 has them, with the offset of the time zone",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (3600, "1970-01-01T00:00:00+01:00"), (-34_200, "1970-01-01T00:00:00-09:30"),
        ]
    )
    func offsets(_ offset: Int, _ text: String) {
        var moment = unsafe tm()
        unsafe moment.tm_year = 70
        unsafe moment.tm_mday = 1
        #expect(String(decoding: unsafe TimeStamp.format(moment, secondsFromUTC: offset), as: UTF8.self) == text)
    }

    @Test("follow the clock")
    func clock() {
        var stamp = TimeStamp()
        let first = stamp.bytes(secondsSince1970: 1_796_011_200)
        #expect(String(decoding: first, as: UTF8.self).hasPrefix("2026-11-"))
        #expect(first == stamp.bytes(secondsSince1970: 1_796_011_200))
        #expect(first != stamp.bytes(secondsSince1970: 1_796_011_201))
        #expect(first.count <= TimeStamp.length)
    }
}
