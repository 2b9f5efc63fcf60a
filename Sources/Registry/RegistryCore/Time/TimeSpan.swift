// SPDX-License-Identifier: Apache-2.0

/// The format of durations in settings and on the command line: a number and a unit.
package enum TimeSpan {
    /// A unit, by its symbol.
    package enum Unit: String, Sendable {
        case milliseconds = "ms"
        case seconds = "s"
        case minutes = "m"
        case hours = "h"
        case days = "d"

        fileprivate var length: Int64 {
            switch self {
            case .milliseconds: 1
            case .seconds: 1000
            case .minutes: 60_000
            case .hours: 3_600_000
            case .days: 86_400_000
            }
        }
    }

    /// Parses durations such as `30s`, `500ms`, `5m` or `1h`; returns nil for anything else, and for zero.
    package static func parse(
        _ text: String,
        units: [Unit] = [.milliseconds, .seconds, .minutes, .hours],
        longestInDays: Int64 = 365
    ) -> Duration? {
        let longest = longestInDays * Unit.days.length
        for unit in units where text.hasSuffix(unit.rawValue) {
            guard let count = Int64(text.dropLast(unit.rawValue.count)), count > 0, count <= longest / unit.length
            else { continue }
            return .milliseconds(count * unit.length)
        }
        return nil
    }

    /// Returns the shortest lossless form.
    package static func format(_ duration: Duration) -> String {
        let milliseconds = Int64(duration / .milliseconds(1))
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
