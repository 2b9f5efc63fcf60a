// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

/// What is left when a publish ends at any of its steps, by an error or by the death of the process.
@Suite("Crash points", .timeLimit(.minutes(15)))
struct CrashTests {
    private static let lastStep = 12
    private static let bytes = [UInt8](repeating: 5, count: 5000)

    /// What was there before: nothing, equal content, or equal content that is damaged.
    enum Situation: CaseIterable, Sendable {
        case empty
        case equalContent
        case damagedContent
    }

    @Test("a step that fails leaves nothing but what was acknowledged", arguments: Situation.allCases)
    func failingStep(_ situation: Situation) async throws {
        let errors: [any Error] = [
            SQLError(.other, "a test's error"), SQLError(.outcomeUnknown, "a test's error"),
            BlobStoreError(.full, "a test's error"), BlobStoreError(.unavailable, "a test's error"),
        ]
        try await PublishFixture.run { fixture in
            for (number, error) in errors.enumerated() {
                for step in 0...Self.lastStep {
                    try await prepare(situation, fixture)
                    let path = "tool@1.\(number).\(step)/a.bin"
                    let steps = Steps(at: step, .fail(error))
                    let isAcknowledged = try await publish(path, fixture, steps)
                    try await checkAfterRestart(fixture, path, isAcknowledged: isAcknowledged, "\(steps.log)")
                }
            }
        }
    }

    @Test("a process that dies at a step leaves nothing but what was acknowledged", arguments: Situation.allCases)
    func death(_ situation: Situation) async throws {
        try await PublishFixture.run { fixture in
            for step in 0...Self.lastStep {
                try await prepare(situation, fixture)
                let path = "tool@1.0.\(step)/a.bin"
                let gate = Gate()
                let steps = Steps(at: step, .freeze(gate))
                async let publishing = publish(path, fixture, steps, finally: gate.open)
                await gate.waitForArrival()
                try await checkAfterRestart(fixture, path, isAcknowledged: !steps.wasReached, "\(steps.log)")
                gate.open()
                _ = try await publishing
            }
        }
    }

    @Test("a store that does not answer is not asked to remove what it may have taken; the garbage collection does")
    func silentStore() async throws {
        try await PublishFixture.run { fixture in
            let whole = Steps(at: -1, .fail(CancellationError()))
            _ = try await publish("tool@1.0.0/a.bin", fixture, whole)
            try await fixture.delete("tool@1.0.0/a.bin")
            _ = try await fixture.collectGarbage.run()
            let moment = try #require(whole.log.firstIndex(of: "after commit"))
            let steps = Steps(at: moment, .fail(BlobStoreError(.unavailable, "a test's error")))
            #expect(try await !publish("tool@1.0.0/a.bin", fixture, steps))
            #expect(!steps.log.contains("before remove"))
            #expect(try await fixture.blobs.list(after: nil, limit: 10).count == 1)
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.blobs.list(after: nil, limit: 10).isEmpty)
        }
    }

    /// Whether a publish was acknowledged.
    private func publish(
        _ path: String,
        _ fixture: PublishFixture,
        _ steps: Steps,
        finally end: @Sendable () -> Void = {}
    ) async throws -> Bool {
        defer { end() }
        let stores = fixture.stepped(steps)
        let upload = fixture.uploadFile(database: stores.database, blobs: stores.blobs)
        do {
            _ = try await upload(fixture.request(path), from: Body(Self.bytes))
            return true
        } catch {
            return false
        }
    }

    private func prepare(_ situation: Situation, _ fixture: PublishFixture) async throws {
        for version in ["0.1.0", "0.2.0"] where try await fixture.record(of: "old@\(version)/a.bin") != nil {
            try await fixture.delete("old@\(version)/a.bin")
        }
        _ = try await fixture.collectGarbage.run()
        guard situation != .empty else { return }
        try await fixture.publish(Self.bytes, as: "old@0.1.0/a.bin")
        if situation == .damagedContent { try await fixture.damage("old@0.1.0/a.bin", replacement: nil) }
    }

    /// Does what the next start does, and looks.
    private func checkAfterRestart(
        _ fixture: PublishFixture,
        _ path: String,
        isAcknowledged: Bool,
        _ log: Comment
    ) async throws {
        _ = try await fixture.removeStaleUploads.run()
        _ = try await fixture.collectGarbage.run()
        let isVisible = try await fixture.record(of: path) != nil
        #expect(isVisible || !isAcknowledged, "acknowledged and lost \(log)")
        // Content that was damaged before stays so until somebody publishes it again.
        if isVisible { #expect(try await fixture.content(of: path) == Self.bytes, log) }
        #expect(try fixture.stagedNames() == [], log)
        let known = try await fixture.keysInDatabase()
        #expect(try await fixture.keysInStore().isSubset(of: known), log)
        if isVisible { try await fixture.delete(path) }
    }
}
