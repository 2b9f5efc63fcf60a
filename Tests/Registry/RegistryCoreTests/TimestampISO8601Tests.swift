// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RegistryCore

@Suite("Moments of RFC 3339", .timeLimit(.minutes(15)))
struct TimestampISO8601Tests {
    static let moments: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0), ("2009-10-12T17:50:30.000Z", 1_255_369_830_000_000),
        ("2026-01-02T03:04:05.678Z", 1_767_323_045_678_000), ("2026-01-02T03:04:05.1234567Z", 1_767_323_045_123_456),
        ("1969-12-31T23:59:59.5Z", -500_000),
    ]

    @Test("a moment is read to the microsecond", arguments: moments)
    func read(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.microseconds == microseconds)
    }

    @Test("what is printed can be read back")
    func roundTrip() {
        let moment = Timestamp(microseconds: 1_800_000_000_000_000)
        #expect(Timestamp(iso8601: moment.iso8601) == moment)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "T", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05+00:00", "2026-02-30T00:00:00Z",
            "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z",
            "2026-1-2T3:4:5Z", "2026-01-02T03:04:05.6.7Z", "2026-01-02T03:04:05.xZ", "2026-01-02 03:04:05Z",
        ]
    )
    func refused(_ text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }
}
