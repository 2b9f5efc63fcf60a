// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Counting downloads", .timeLimit(.minutes(15)))
struct DownloadCounterTests {
    private static let large = DownloadCounter.leastSegmentedSize

    @Test("a client completes no more downloads of a large file than it began")
    func segments() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let file = try #require(try await fixture.record(of: "tool@1.0.0/a.bin"))
            let counter = DownloadCounter(metadata: fixture.metadata)
            func answer(_ client: String?, first: Bool, last: Bool, size: Int64 = Self.large) -> CountedAnswer {
                CountedAnswer(
                    fileID: file.id,
                    sizeInBytes: size,
                    client: client,
                    hasFirstByte: first,
                    hasLastByte: last
                )
            }
            func send(_ answer: CountedAnswer) {
                counter.begin(answer)
                counter.complete(answer)
            }
            func expect(_ count: Int64, _ comment: Comment) async throws {
                _ = try await counter.flush()
                #expect(try await fixture.record(of: "tool@1.0.0/a.bin")?.downloadCount == count, comment)
            }
            counter.begin(answer("a", first: true, last: true))
            for _ in 0..<3 { send(answer("a", first: false, last: true)) }
            try await expect(1, "the whole was broken off, and its last segment was fetched three times")
            for _ in 0..<2 { send(answer("a", first: true, last: true)) }
            try await expect(3, "two whole downloads more")
            counter.begin(answer("b", first: true, last: true))
            counter.begin(answer("b", first: true, last: true))
            for _ in 0..<3 { send(answer("b", first: false, last: true)) }
            try await expect(5, "two downloads at a time of clients with one address")
            send(answer("c", first: false, last: true))
            try await expect(6, "the end of a download that began elsewhere")
            for _ in 0..<2 { send(answer("d", first: false, last: true, size: Self.large - 1)) }
            for _ in 0..<2 { send(answer(nil, first: false, last: true)) }
            try await expect(10, "nothing is known of small files, and of clients without an address")
            send(answer("e", first: true, last: false))
            try await expect(10, "without its last byte it is none")
        }
    }

    @Test("clients are forgotten after a while, or when they are very many")
    func forgetting() {
        let start = ContinuousClock.now
        var open = OpenDownloads(now: start)
        let key = OpenDownloads.Key(file: 1, client: "a")
        var ends: [Bool] = []
        open.begin(key, at: start)
        for seconds in [0, 500] { ends.append(open.complete(key, at: start + .seconds(seconds))) }
        #expect(ends == [true, false])
        // Nothing is heard of it for two turns.
        for seconds in [1200, 1900] { open.begin(.init(file: 2, client: "a"), at: start + .seconds(seconds)) }
        for seconds in [1900, 1901] { ends.append(open.complete(key, at: start + .seconds(seconds))) }
        #expect(ends == [true, false, true, false])
        for file in 10..<10_000 { open.begin(.init(file: Int64(file), client: "a"), at: start + .seconds(1902)) }
        ends.append(open.complete(key, at: start + .seconds(1902)))
        #expect(ends.last == true)
    }

    private static let paths = ["tool@1.0.0/a.bin", "tool@1.0.0/b.bin"]

    /// Publishes two files, whose downloads are counted over a database with steps.
    private func counting(
        _ steps: Steps,
        _ body: (DownloadCounter, _ first: Int64, _ second: Int64, PublishFixture) async throws -> Void
    ) async throws {
        try await PublishFixture.run(on: [.embedded]) { fixture in
            for path in Self.paths { try await fixture.publish([1], as: path) }
            let first = try #require(try await fixture.record(of: Self.paths[0])).id
            let second = try #require(try await fixture.record(of: Self.paths[1])).id
            let counter = DownloadCounter(metadata: Metadata(database: fixture.stepped(steps).database))
            try await body(counter, first, second, fixture)
        }
    }

    private func counts(_ fixture: PublishFixture) async throws -> [Int64?] {
        var counts: [Int64?] = []
        for path in Self.paths { counts.append(try await fixture.record(of: path)?.downloadCount) }
        return counts
    }

    private func expect(_ expected: [Int64?], in fixture: PublishFixture) async throws {
        let counts = try await counts(fixture)
        #expect(counts == expected)
    }

    @Test(
        "a flush that fails loses no count, and the next one writes none twice",
        arguments: [SQLError.Code.unavailable, .full, .readOnly, .corrupt, .other]
    )
    func failedFlush(_ code: SQLError.Code) async throws {
        try await counting(Steps(at: 0, .fail(SQLError(code, "a test's failure")))) { counter, first, second, fixture in
            for file in [first, first, second] { counter.count(file) }
            await #expect(throws: SQLError.self) { try await counter.flush() }
            try await expect([0, 0], in: fixture)
            counter.count(first)
            #expect(try await counter.flush() == 2)
            try await expect([3, 1], in: fixture)
            #expect(try await counter.flush() == 0)
            try await expect([3, 1], in: fixture)
        }
    }

    @Test("a download that ends while a flush fails is counted with those that the flush had")
    func countedMeanwhile() async throws {
        let gate = Gate()
        try await counting(Steps(at: 0, .freeze(gate))) { counter, first, second, fixture in
            for file in [first, second] { counter.count(file) }
            async let failing = counter.flush()
            await gate.waitForArrival()
            counter.count(first)
            gate.open()
            do {
                _ = try await failing
                Issue.record("the flush did not fail")
            } catch is CancellationError {}
            #expect(try await counter.flush() == 2)
            try await expect([2, 1], in: fixture)
        }
    }

    @Test("a flush that may have been committed is not repeated")
    func unknownOutcome() async throws {
        let failure = SQLError(.outcomeUnknown, "a test's failure")
        try await counting(Steps(at: 1, .fail(failure))) { counter, first, second, fixture in
            for file in [first, second] { counter.count(file) }
            await #expect(throws: SQLError.self) { try await counter.flush() }
            #expect(try await counter.flush() == 0)
            try await expect([1, 1], in: fixture)
        }
    }
}
