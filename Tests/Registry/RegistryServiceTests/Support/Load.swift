// SPDX-License-Identifier: Apache-2.0

import RegistryService
import RegistryTestSupport
import Testing

/// Publishers and deleters of content that is used again and again, beside collectors, all at the same time.
struct Load: Sendable {
    private let fixture: PublishFixture
    private let seed: UInt64

    init(_ fixture: PublishFixture, seed: UInt64) {
        self.fixture = fixture
        self.seed = seed
    }

    /// Runs for a while, and until something else that happens meanwhile is done.
    func run(for duration: Duration, beside work: () async throws -> Void = {}) async throws {
        let end = ContinuousClock.now + duration
        async let load: Void = run(until: end)
        try await work()
        try await load
    }

    private func run(until end: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for publisher in 0..<4 {
                group.addTask { try await publish(publisher, until: end) }
            }
            group.addTask {
                while ContinuousClock.now < end { _ = try await fixture.collectGarbage.run() }
            }
            group.addTask {
                while ContinuousClock.now < end {
                    _ = try await fixture.removeOrphans.run(grace: .zero, isForced: true)
                }
            }
            try await group.waitForAll()
        }
    }

    private func publish(_ publisher: Int, until end: ContinuousClock.Instant) async throws {
        var generator = SeededGenerator(seed: seed + UInt64(publisher))
        var kept: [(path: String, bytes: [UInt8])] = []
        var round = 0
        while ContinuousClock.now < end {
            // Of a few contents, so that publishers meet each other as well as the collectors.
            let bytes = [UInt8](repeating: UInt8.random(in: 0..<6, using: &generator), count: 2000)
            let path = "load\(publisher)@1.0.\(round)/a.bin"
            round += 1
            // With no grace at all a collector may come between content and record: the publish is refused and sent again.
            guard (try? await fixture.publish(bytes, as: path)) != nil else { continue }
            #expect(try await fixture.content(of: path) == bytes, "seed \(seed), \(path)")
            kept.append((path, bytes))
            if kept.count > 5 {
                let old = kept.remove(at: Int.random(in: 0..<kept.count, using: &generator))
                #expect(try await fixture.content(of: old.path) == old.bytes, "seed \(seed), \(old.path)")
                try await fixture.delete(old.path)
            }
        }
    }
}
