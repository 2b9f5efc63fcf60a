// SPDX-License-Identifier: Apache-2.0

import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Everything at once", .timeLimit(.minutes(15)))
struct SoakTests {
    @Test("publishes of content that is used again, deletes, collections and checks leave a sound registry")
    func soak() async throws {
        let seed = UInt64.random(in: 0...0xFFFF_FFFF)
        try await PublishFixture.run { fixture in
            try await Load(fixture, seed: seed).run(for: .seconds(4)) {
                for _ in 0..<6 {
                    var options = CheckRegistry.Options()
                    // Content of publishes that are on their way is no finding.
                    options.grace = .seconds(600)
                    options.repairs = true
                    var problems: [String] = []
                    _ = try await fixture.checkRegistry.run(options) { problems.append("\($0)") }
                    #expect(problems == [], "seed \(seed)")
                }
            }
            _ = try await fixture.collectGarbage.run()
            _ = try await fixture.removeOrphans.run(grace: .zero, isForced: true)
            #expect(try await fixture.check().map(\.description) == [], "seed \(seed)")
            try await fixture.expectNothingLeftBehind("seed \(seed)")
        }
    }
}
