// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The validity period of an access token, written as a number and a unit: `30d`, `12h`, `90m` or `30s`.
package struct Lifetime: Hashable, Sendable {
    /// One hundred years.
    private static let longestInDays: Int64 = 36_525

    /// The time from the creation of the token until it expires.
    package let duration: Duration

    /// Parses the text of a command-line option.
    package init(_ text: String) throws(RegistryError) {
        let units: [TimeSpan.Unit] = [.days, .hours, .minutes, .seconds]
        let parsed = TimeSpan.parse(text, units: units, longestInDays: Self.longestInDays)
        guard let parsed, text.first != "+" else {
            throw .invalid(
                "the expiry \(text.quoted()) is not valid: write a number and d, h, m or s, such as 30d, at most 36525d"
            )
        }
        duration = parsed
    }
}
