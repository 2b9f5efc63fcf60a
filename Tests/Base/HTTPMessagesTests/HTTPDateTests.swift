// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@Suite("dates of HTTP", .timeLimit(.minutes(15)))
struct HTTPDateTests {
    @Test(
        "moments are written as RFC 9110 has them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1, "Thu, 01 Jan 1970 00:00:01 GMT"),
            (31_535_999, "Thu, 31 Dec 1970 23:59:59 GMT"),
            (31_536_000, "Fri, 01 Jan 1971 00:00:00 GMT"),
            (68_214_645, "Tue, 29 Feb 1972 12:30:45 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (946_684_799, "Fri, 31 Dec 1999 23:59:59 GMT"),
            (946_684_800, "Sat, 01 Jan 2000 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_709_164_799, "Wed, 28 Feb 2024 23:59:59 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
            (1_677_628_800, "Wed, 01 Mar 2023 00:00:00 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (1_735_689_600, "Wed, 01 Jan 2025 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (13_574_585_228, "Tue, 29 Feb 2400 06:07:08 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ]
    )
    func moments(seconds: Int, text: String) {
        let bytes = HTTPDate.bytes(secondsSince1970: seconds)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(bytes.count == HTTPDate.length)
    }

    @Test("every day follows the one before, for four hundred years")
    func days() {
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var index = 0
        for year in 1970..<2370 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, length) in zip(months, [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in 1...length {
                    let text = "\(names[index % 7]), \(day < 10 ? "0" : "")\(day) \(month) \(year) 00:00:00 GMT"
                    let date = String(decoding: HTTPDate.bytes(secondsSince1970: index * 86_400), as: UTF8.self)
                    guard date == text else { return #expect(date == text) }
                    index += 1
                }
            }
        }
    }
}
