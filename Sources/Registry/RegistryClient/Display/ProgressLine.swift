// SPDX-License-Identifier: Apache-2.0

/// A line with the progress of a transfer: name, bar, bytes, rate and time left.
package struct ProgressLine: Hashable, Sendable {
    /// The name of the transferred file.
    package let name: String
    /// The number of bytes transferred so far.
    package let transferred: Int64
    /// The total number of bytes.
    package let total: Int64
    /// The time since the start of the transfer.
    package let elapsed: Duration

    /// Creates a line's content.
    package init(name: String, transferred: Int64, total: Int64, elapsed: Duration) {
        self.name = name
        self.transferred = transferred
        self.total = total
        self.elapsed = elapsed
    }

    /// Returns the line for a terminal with the given number of columns, never longer than that.
    package func text(columns: Int) -> String {
        let percent = total > 0 ? Int(Double(min(transferred, total)) / Double(total) * 100) : 100
        let amount = "\(byteCount(transferred)) of \(byteCount(total))"
        var facts = "\(padded("\(percent)", to: 3))%  \(amount)"
        if let rate { facts += "  \(byteCount(rate))/s" }
        if let timeLeft { facts += "  \(clock(timeLeft)) left" }
        let room = columns - facts.count - 2
        guard room >= 8 else { return String(facts.prefix(max(columns, 0))) }
        let label = shortened(oneLine(name), to: min(room, 40))
        let barWidth = min(room - label.count - 4, 30)
        guard barWidth >= 10 else { return "\(label)  \(facts)" }
        let filled = barWidth * percent / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: barWidth - filled)
        return "\(label)  [\(bar)]  \(facts)".prefix(columns).description
    }

    /// The average rate in bytes per second, once there is enough data.
    private var rate: Int64? {
        let seconds = elapsed / .seconds(1)
        return seconds >= 0.5 ? Int64(Double(transferred) / seconds) : nil
    }

    /// The seconds until the end at the average rate; nil when unknown or done.
    private var timeLeft: Int64? {
        guard let rate, rate > 0, transferred < total else { return nil }
        return (total - transferred - 1) / rate + 1
    }

    private func clock(_ seconds: Int64) -> String {
        let parts = (hours: seconds / 3600, minutes: seconds / 60 % 60, seconds: seconds % 60)
        if parts.hours >= 100 { return "over 99 h" }
        if parts.hours > 0 { return "\(parts.hours) h \(parts.minutes) min" }
        return parts.minutes > 0 ? "\(parts.minutes) min \(parts.seconds) s" : "\(parts.seconds) s"
    }

    private func shortened(_ text: String, to length: Int) -> String {
        text.count <= length ? text : text.prefix(length - 1) + "…"
    }

    private func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
