// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService
import RegistryStorage
import RegistryTestSupport
import Synchronization
import Testing

@testable import RegistryMetadata

@Suite("Clocks that jump", .timeLimit(.minutes(15)))
struct ClockJumpTests {
    /// A clock that nobody sets, moved by the test.
    private final class SteadyClock: Sendable {
        private let time = Mutex(Duration.zero)

        func now() -> Duration { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    @Test("a jump of more than five minutes is logged once", arguments: [299, 301, -299, -301])
    func told(_ seconds: Int) async throws {
        let steady = SteadyClock()
        let watch = ClockWatch(steadyTime: steady.now)
        let start = Timestamp(microseconds: 1_800_000_000_000_000)
        _ = watch.expired(at: start)
        steady.advance(by: .seconds(10))
        _ = watch.expired(at: start.adding(.seconds(10 + seconds)))
        #expect(watch.takeJump() == (abs(seconds) > 300 ? .seconds(seconds) : nil))
        #expect(watch.takeJump() == nil)
    }

    @Test(
        "a clock that is wrong for a while drops no draft; one that goes on does, and one that was set does an hour later"
    )
    func jump() async throws {
        try await PublishFixture.run(on: [.embedded]) { fixture in
            let steady = SteadyClock()
            let metadata = Metadata(database: fixture.database, clockWatch: ClockWatch(steadyTime: steady.now))
            let sweep = CollectGarbage(metadata: metadata, blobs: fixture.blobs)
            func pass(_ wall: Duration, _ real: Duration) async throws {
                fixture.clock.advance(by: wall)
                steady.advance(by: real)
                _ = try await sweep.run()
            }
            func isThere(_ version: String) async throws -> Bool {
                let version = try fixture.coordinate("\(version)/a").versionCoordinate
                return try await metadata.drafts.draft(of: version, owner: fixture.owner.id) != nil
            }
            let quarter = Duration.seconds(90 * 24 * 3600)
            try await pass(.zero, .zero)
            try await fixture.draft([1], as: "tool@1.0.0/a.bin")
            // Wrong for a minute, and right again.
            try await pass(quarter, .seconds(30))
            #expect(try await isThere("tool@1.0.0"))
            try await pass(.zero - quarter, .seconds(30))
            #expect(try await isThere("tool@1.0.0"))
            // Set for good: what has expired goes after an hour.
            try await pass(quarter, .seconds(30))
            try await pass(.seconds(3500), .seconds(3500))
            #expect(try await isThere("tool@1.0.0"))
            try await pass(.seconds(200), .seconds(200))
            #expect(try await !isThere("tool@1.0.0"))
            // Time that passes is no jump, however long nobody looked.
            try await fixture.draft([1], as: "tool@2.0.0/a.bin")
            try await pass(quarter, quarter)
            #expect(try await !isThere("tool@2.0.0"))
        }
    }

    @Test(
        "what had expired before a process saw the clock, which may be wrong, is kept for an hour; what expires later is not"
    )
    func restart() async throws {
        try await PublishFixture.run(on: [.embedded]) { fixture in
            let steady = SteadyClock()
            let draft = { (version: String) in
                let version = try fixture.coordinate("\(version)/a").versionCoordinate
                return try await fixture.metadata.drafts.draft(of: version, owner: fixture.owner.id)
            }
            try await fixture.draft([1], as: "tool@1.0.0/a.bin")
            // A process on another node, or after a restart, while the clock is wrong.
            fixture.clock.advance(by: .seconds(90 * 24 * 3600))
            let metadata = Metadata(database: fixture.database, clockWatch: ClockWatch(steadyTime: steady.now))
            let sweep = CollectGarbage(metadata: metadata, blobs: fixture.blobs)
            try await metadata.database.watchClock()
            _ = try await sweep.run()
            #expect(try await draft("tool@1.0.0") != nil)
            for _ in 0..<2 {
                fixture.clock.advance(by: .seconds(1900))
                steady.advance(by: .seconds(1900))
                _ = try await sweep.run()
            }
            #expect(try await draft("tool@1.0.0") == nil)
        }
    }
}
