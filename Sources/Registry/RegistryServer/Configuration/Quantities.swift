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
