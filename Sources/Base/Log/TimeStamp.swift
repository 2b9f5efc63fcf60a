// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A formatter for RFC 3339 times in the local time zone, such as `2026-11-30T04:00:00+01:00`; caches the current second.
struct TimeStamp {
    /// The maximum length of a time, in bytes.
    static let length = 25

    private var second = Int.min
    private var formatted: [UInt8] = []

    /// Returns the time for seconds since 1970.
    mutating func bytes(secondsSince1970 second: Int) -> [UInt8] {
        if second != self.second {
            self.second = second
            formatted = Self.format(second)
        }
        return formatted
    }

    private static func format(_ second: Int) -> [UInt8] {
        var time = time_t(second)
        var local = unsafe tm()
        unsafe localtime_r(&time, &local)
        return unsafe format(local, secondsFromUTC: local.tm_gmtoff)
    }

    static func format(_ time: tm, secondsFromUTC offset: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        unsafe bytes.append(Int(time.tm_year) + 1900, digits: 4, then: "-")
        unsafe bytes.append(Int(time.tm_mon) + 1, digits: 2, then: "-")
        unsafe bytes.append(Int(time.tm_mday), digits: 2, then: "T")
        unsafe bytes.append(Int(time.tm_hour), digits: 2, then: ":")
        unsafe bytes.append(Int(time.tm_min), digits: 2, then: ":")
        unsafe bytes.append(Int(time.tm_sec), digits: 2, then: offset == 0 ? "Z" : offset < 0 ? "-" : "+")
        if offset != 0 {
            let minutes = Int(offset.magnitude) / 60
            bytes.append(minutes / 60, digits: 2, then: ":")
            bytes.append(minutes % 60, digits: 2, then: "")
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ number: Int, digits: Int, then end: StaticString) {
        if digits > 1 { append(number / 10, digits: digits - 1, then: "") }
        append(UInt8(ascii: "0") + UInt8(number % 10))
        append(end)
    }
}
