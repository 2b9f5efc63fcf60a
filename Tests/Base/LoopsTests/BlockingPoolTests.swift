// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Loops

@Suite("blocking pools", .timeLimit(.minutes(15)))
struct BlockingPoolTests {
    private struct Failure: Error, Equatable {}

    @Test("work is done in order, by one thread, and its results come back")
    func order() async throws {
        let pool = BlockingPool(name: "pool", threads: 1)
        let done = Record<Int>()
        for number in 0..<5000 { #expect(pool.submit { done.append(number) }) }
        #expect(try await pool.complete { 7 } == 7)
        #expect(done.all == Array(0..<5000))
        await #expect(throws: Failure()) { try await pool.complete { throw Failure() } }
        await pool.shutDown()
    }

    @Test("no more threads work than there are, and all of them do", arguments: [1, 3, 8])
    func threads(count: Int) async throws {
        let pool = BlockingPool(name: "pool", threads: count)
        let counts = Counts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<(count * 20) {
                group.addTask {
                    try await pool.complete {
                        let now = counts.running.wrappingAdd(1, ordering: .relaxed).newValue
                        counts.most.max(now, ordering: .relaxed)
                        // Until all threads are there, once.
                        while counts.most.load(ordering: .relaxed) < count {}
                        counts.running.wrappingSubtract(1, ordering: .relaxed)
                    }
                }
            }
            try await group.waitForAll()
            #expect(counts.most.load(ordering: .relaxed) == count)
        }
        await pool.shutDown()
    }

    private final class Counts: Sendable {
        let running = Atomic<Int>(0)
        let most = Atomic<Int>(0)
    }

    @Test("a shutdown waits for what was queued, and takes nothing more")
    func shutDown() async throws {
        let pool = BlockingPool(name: "pool", threads: 2)
        let (done, gate) = (Record<Int>(), Record<Int>())
        for number in 0..<100 {
            pool.submit {
                gate.block()
                done.append(number)
            }
        }
        async let first: Void = pool.shutDown()
        async let second: Void = pool.shutDown()
        while pool.submit({}) { await Task.yield() }
        #expect(done.all.isEmpty)
        await #expect(throws: PoolClosed.self) { try await pool.complete { 1 } }
        await #expect(throws: Failure()) { try await pool.complete(elseThrow: Failure()) { 1 } }
        gate.append(1)
        await first
        await second
        #expect(done.all.sorted() == Array(0..<100))
        await pool.shutDown()
        #expect(!pool.submit {})
    }

    @Test("what is done holds nothing any more")
    func release() async throws {
        let pool = BlockingPool(name: "pool", threads: 1)
        weak var gone: Counts?
        do {
            let held = Counts()
            gone = held
            pool.submit { _ = held.most.load(ordering: .relaxed) }
        }
        try await pool.complete {}
        try await pool.complete {}
        #expect(gone == nil)
        await pool.shutDown()
    }
}
