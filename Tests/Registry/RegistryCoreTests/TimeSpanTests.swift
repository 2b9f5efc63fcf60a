// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("durations", .timeLimit(.minutes(15)))
struct TimeSpanTests {
    static let times: [(String, Duration?)] = [
        ("30s", .seconds(30)), ("500ms", .milliseconds(500)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
        ("0s", nil), ("-1s", nil), ("30", nil), ("s", nil), ("", nil), ("1.5s", nil), ("9999999h", nil), ("1 s", nil),
    ]

    @Test("times", arguments: times)
    func time(_ text: String, _ duration: Duration?) {
        #expect(TimeSpan.parse(text) == duration)
        if let duration { #expect(TimeSpan.parse(TimeSpan.format(duration)) == duration) }
    }

    @Test("a unit counts only where it is accepted, and up to a limit")
    func units() {
        #expect(TimeSpan.parse("30d") == nil)
        #expect(TimeSpan.parse("30d", units: [.days], longestInDays: 30) == .seconds(30 * 86_400))
        #expect(TimeSpan.parse("31d", units: [.days], longestInDays: 30) == nil)
        #expect(TimeSpan.parse("30ms", units: [.minutes, .seconds]) == nil)
    }
}
