// SPDX-License-Identifier: Apache-2.0

/// Formats a number of bytes in units of 1024, such as `312 B` or `1.4 MiB`.
package func byteCount(_ bytes: Int64) -> String {
    guard bytes >= 1024 else { return "\(max(bytes, 0)) B" }
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var unit = 0
    var value = Double(bytes) / 1024
    // 1023.95 would be rounded to 1024.0.
    while value >= 1023.95, unit < units.count - 1 {
        value /= 1024
        unit += 1
    }
    let tenths = Int64((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
