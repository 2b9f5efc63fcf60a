// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The validity period of an access token, written as a number and a unit: `30d`, `12h`, `90m` or `30s`.
package struct Lifetime: Hashable, Sendable {
    private static let secondsPerUnit: [Character: Int64] = ["d": 86_400, "h": 3600, "m": 60, "s": 1]
    /// One hundred years.
    private static let maximumSeconds: Int64 = 36_525 * 86_400

    /// The time from the creation of the token until it expires.
    package let duration: Duration

    /// Parses the text of a command-line option.
    package init(_ text: String) throws(RegistryError) {
        guard
            let unit = text.last.flatMap({ Self.secondsPerUnit[$0] }),
            text.dropLast().utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let count = Int64(text.dropLast()), count > 0,
            case let (seconds, isTooLong) = count.multipliedReportingOverflow(by: unit),
            !isTooLong, seconds <= Self.maximumSeconds
        else {
            throw .invalid(
                "the expiry \(text.quoted()) is not valid: write a number and d, h, m or s, such as 30d, at most 36525d"
            )
        }
        duration = .seconds(seconds)
    }
}
