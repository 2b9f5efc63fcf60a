// SPDX-License-Identifier: Apache-2.0

/// One line that says how far a transfer is: name, bar, bytes, rate and time left.
package struct ProgressLine: Hashable, Sendable {
    /// What is moved.
    package let name: String
    /// How many bytes have moved.
    package let transferred: Int64
    /// How many bytes there are.
    package let total: Int64
    /// How long it has taken so far.
    package let elapsed: Duration

    /// Creates a line's content.
    package init(name: String, transferred: Int64, total: Int64, elapsed: Duration) {
        self.name = name
        self.transferred = transferred
        self.total = total
        self.elapsed = elapsed
    }

    /// The line for a terminal of so many columns, never longer than that.
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

    /// Bytes in a second on average, once there is enough time to tell.
    private var rate: Int64? {
        let seconds = elapsed / .seconds(1)
        return seconds >= 0.5 ? Int64(Double(transferred) / seconds) : nil
    }

    /// Seconds until the end at the average rate; nil when unknown or done.
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
