// SPDX-License-Identifier: Apache-2.0

/// The format of sizes in settings.
package enum ByteCount {
    private static let units: [(suffix: String, factor: Int64)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
        ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ]

    /// Parses sizes such as `10MiB`, `5 GB` or `1024`; returns nil for anything else.
    package static func parse(_ text: String) -> Int64? {
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            return number(text.dropLast(suffix.count)).flatMap { multiply($0, factor) }
        }
        return number(text[...])
    }

    private static func number(_ text: Substring) -> Int64? {
        // Spaces are allowed between the number and its unit only.
        let words = text.split(separator: " ")
        guard words.count == 1, let value = Int64(words[0]), value >= 0 else { return nil }
        return value
    }

    private static func multiply(_ value: Int64, _ factor: Int64) -> Int64? {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}

/// The format of durations in settings.
package enum TimeSpan {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]
    private static let longest: Int64 = 365 * 24 * 3_600_000

    /// Parses durations such as `30s`, `500ms`, `5m` or `1h`; returns nil for anything else, and for zero.
    package static func parse(_ text: String) -> Duration? {
        for (suffix, milliseconds) in units where text.hasSuffix(suffix) {
            guard let value = Int64(text.dropLast(suffix.count)), value > 0, value <= longest / milliseconds else {
                continue
            }
            return .milliseconds(value * milliseconds)
        }
        return nil
    }

    /// Returns the shortest lossless form.
    static func format(_ duration: Duration) -> String {
        let milliseconds = Int64(duration / .milliseconds(1))
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
